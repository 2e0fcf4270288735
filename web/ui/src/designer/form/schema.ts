// As our renderer reads it: what version 19 added is not offered here.
export const SCHEMA_VERSION = 18

export function ours(schema: Record<string, unknown>): Record<string, unknown> {
  const { exporter: _exporter, ...rest } = schema
  return { ...rest, schemaVersion: Math.min(SCHEMA_VERSION, Number(rest.schemaVersion) || SCHEMA_VERSION) }
}
