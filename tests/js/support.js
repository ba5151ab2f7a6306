/** What the tests of the run-time share. */

import * as engine12 from "../../static/player/datamodel12.js";
import * as engine2004 from "../../static/player/datamodel2004.js";
import { createApi as createApi12 } from "../../static/player/api12.js";
import { createApi as createApi2004 } from "../../static/player/api2004.js";

export const model12 = (values = {}, given = {}) => engine12.createModel({ values, ...given });
export const model2004 = (values = {}, given = {}) => engine2004.createModel({ values, ...given });
export const api12 = (model = model12(), hooks = {}) => createApi12({ model, ...hooks });
export const api2004 = (model = model2004(), hooks = {}) => createApi2004({ model, ...hooks });

/** Sets all of these, each of which must be taken. */
export function setAll(model, values) {
  for (const [name, value] of Object.entries(values)) {
    const { code, diagnostic } = model.set(name, value);
    if (code !== 0) throw new Error(`${name} = ${value}: ${code} ${diagnostic}`);
  }
  return model;
}
