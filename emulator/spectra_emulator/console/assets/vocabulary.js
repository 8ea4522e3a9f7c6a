// @ts-check
/** Words of the contract and of the control plane that the user chooses from. */

export const CODES = [
  "INVALID_REQUEST",
  "INVALID_SQL",
  "SQL_BLOCKED",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "NOT_FOUND",
  "CONFLICT",
  "PAYLOAD_TOO_LARGE",
  "RATE_LIMITED",
  "QUERY_TIMEOUT",
  "INTERNAL_ERROR",
];

/** What a fault may be matched on: the API's operations, the two of a link, and the work of a bulk job itself. */
export const OPERATIONS = [
  "executeQuery",
  "getJob",
  "cancelJob",
  "getJobResults",
  "createBulkJob",
  "listBulkJobs",
  "getBulkJob",
  "updateBulkJob",
  "getUploadUrl",
  "getBulkJobResults",
  "getBulkJobFailedResults",
  "putObject",
  "getObject",
  "bulkWork",
];

export const PERMISSIONS = ["query:execute", "bulk:create", "bulk:read", "bulk:cancel"];

/** A span of time as the control plane takes it, such as 90s or 24h. */
export const SPAN = "[0-9]{1,6}[smhd]";
