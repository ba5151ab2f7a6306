"""REST API v2: `/api/v2` on the console's origin, as the official clients expect it (docs/decisions/0024).

What an operation is made of:
- `sections.Section`: declare it (`@section.get(path, operationId, schema)`) and add the section to `parts.SECTIONS`.
  Path names are snake_case in code and camelCase in the document. Scopes, kinds of application and statuses are said
  there; without a schema it answers 204; a file is answered as an HttpResponse (`answers=bytes`).
- `access.ApiRequest`: `request.application` and `request.caller` of who asks. Start every query from the application.
- `wire.Wire`: base of schemas. `Moment`, `Id`, `Number`; of queries `Words` (comma-separated), `Flag`. None is left out
  of answers.
- `paging.ListQuery`, `TaggedQuery`, `PageQuery`, `resume`: filters, order, `more`, `X-Total-Count`.
- `errors.NotFound`, `BadValue`, `ApiError`: raise them; `errors.STATUS` says which status an error of a room below is.
- `configuration.listed` and `.after_post`: configuration documents of any level; `tags`, `statements`,
  `launching.PreviewLaunchLinkRequestSchema` (registrations.links.Options): what is shared.
An operation looks up what its path names first: one that answers 404 gives way to another reading of the path
(routing.py). So the body of a DELETE is optional (`body: TagListSchema | None = None`), as clients send none, too.
"""
