// Checks documents against CycloneDX's own JSON schema, version 1.6, which cdxgen brings along.
//
//   node validate.mjs DOCUMENT…
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const folder = join(import.meta.dirname, "node_modules", "@cyclonedx", "cdxgen", "data");
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
// Two that the schema names and ajv-formats does not know; no document here has such a member.
ajv.addFormat("iri-reference", true);
ajv.addFormat("idn-email", true);
for (const part of ["spdx", "jsf-0.82"]) {
  ajv.addSchema(read(join(folder, `${part}.schema.json`)), `http://cyclonedx.org/schema/${part}.schema.json`);
}
const validate = ajv.compile(read(join(folder, "bom-1.6.schema.json")));

for (const path of process.argv.slice(2)) {
  if (!validate(read(path))) {
    console.error(`${path} does not fit the schema:`);
    for (const { instancePath, message } of validate.errors) {
      console.error(`  ${instancePath} ${message}`);
    }
    process.exitCode = 1;
  }
}
