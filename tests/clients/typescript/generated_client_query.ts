// Runs one query through the client that openapi-typescript generates, and prints its row.
import createClient from 'openapi-fetch';

import type { paths } from './schema.ts';

const client = createClient<paths>({
  baseUrl: process.env.API_URL!,
  headers: { Authorization: 'Bearer your-api-key' },
});
const { data, error } = await client.POST('/queries', {
  params: { header: { 'X-Tenant-ID': 'tenant-123' } },
  body: { sql: 'SELECT COUNT(*) FROM sales' },
});
if (error) {
  throw new Error(`${error.error.code}: ${error.error.message}`);
}
console.log(JSON.stringify(data.data[0]));
