// Compiles a schema in ajv's strict mode of 2020-12, and tells of each document whether it is valid.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const told = JSON.parse(readFileSync(0, "utf-8"));
const ajv = addFormats(new Ajv2020({ strict: true }));
const validate = ajv.compile(told.schema);
console.log(JSON.stringify(told.documents.map((each) => [validate(each), validate.errors])));
