export interface Policy { label: string, value: { hitPolicy: string, aggregation?: string } }

const RUNNING = ['UNIQUE', 'FIRST', 'ANY', 'RULE ORDER', 'COLLECT']
let all: Policy[] | null = null

// Offers the hit policies that run; a table that says another keeps its own in sight until it is changed.
export function onlyRunning(policies: Policy[], xml: string): void {
  all ??= [...policies]
  const hitPolicy = /hitPolicy="([A-Z ]+)"/.exec(xml)?.[1] ?? 'UNIQUE'
  const aggregation = /aggregation="([A-Z]+)"/.exec(xml)?.[1]
  policies.splice(0, policies.length, ...all.filter(({ value }) =>
    (RUNNING.includes(value.hitPolicy) && !value.aggregation) || (value.hitPolicy === hitPolicy && value.aggregation === aggregation)))
}
