// Validates documents against a JSON schema with ajv.
// stdin: {"modules": folder with node_modules, "schema": path, "documents": [...]}; stdout: a list of errors for each document.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

const asked = JSON.parse(readFileSync(0, "utf8"));
const Ajv = createRequire(asked.modules + "/")("ajv").default;
const schema = JSON.parse(readFileSync(asked.schema, "utf8"));
const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false, discriminator: false }).compile(schema);
const errors = asked.documents.map((document) => (validate(document) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message}`)));
process.stdout.write(JSON.stringify(errors));
