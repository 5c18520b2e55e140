// Validates GraphQL requests against Proca's own schema, for tests/browser/real.rs: node proca.mjs FOLDER < requests
// FOLDER/node_modules contains graphql (the reference implementation) and proca (the widget of Proca's makers, which
// contains the schema; its licence is the AGPL, so it is downloaded for the test and not kept in this repository). The
// input is a JSON list of request bodies; the output is a list of the errors in each.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const requireInstalled = createRequire(resolve(process.argv[2], 'from.js'));
const { buildClientSchema, getOperationAST, getVariableValues, parse, validate } = requireInstalled('graphql');
const introspection = requireInstalled('proca/src/generated/schema.json');
const schema = buildClientSchema(introspection.data ?? introspection);

function errorsIn({ query, operationName, variables }) {
  const document = parse(query);
  const operation = getOperationAST(document, operationName);
  if (!operation) return [`no operation ${operationName}`];
  const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  return [...validate(schema, document), ...errors].map((error) => error.message);
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(errorsIn)));
