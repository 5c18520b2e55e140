// Judges GraphQL requests by Proca's own schema, for tests/browser/real.rs: node proca.mjs FOLDER < requests
// FOLDER/node_modules holds graphql (the reference implementation) and proca (the widget of Proca's makers, in which the schema
// comes; AGPL, so it is fetched for the test and never kept here). The requests are a JSON list as a server would be sent
// them; the answer is a list of what is wrong with each.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const fetched = createRequire(resolve(process.argv[2], 'from.js'));
const { buildClientSchema, getOperationAST, getVariableValues, parse, validate } = fetched('graphql');
const introspection = fetched('proca/src/generated/schema.json');
const schema = buildClientSchema(introspection.data ?? introspection);

function faults({ query, operationName, variables }) {
  const document = parse(query);
  const operation = getOperationAST(document, operationName);
  if (!operation) return [`no operation ${operationName}`];
  const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  return [...validate(schema, document), ...errors].map((error) => error.message);
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(faults)));
