// Shows the API's own OpenAPI document, to read and to try.

const main = document.getElementById("reference");

globalThis.SwaggerUIBundle({
  url: main.dataset.document,
  domNode: main,
  presets: [globalThis.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  filter: true,
  validatorUrl: null,
});
