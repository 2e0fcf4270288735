declare module 'bpmn-js-properties-panel' {
  export const BpmnPropertiesPanelModule: unknown
  export const BpmnPropertiesProviderModule: unknown
  export function useService(name: string): unknown
}
declare module 'bpmn-js-create-append-anything' { export const CreateAppendAnythingModule: unknown }
declare module 'diagram-js-minimap'
declare module 'dmn-js/lib/Modeler' { const Modeler: new (given: unknown) => unknown; export default Modeler }
declare module 'dmn-js-decision-table/lib/features/hit-policy/HitPolicies' {
  export const HIT_POLICIES: { label: string, value: { hitPolicy: string, aggregation?: string } }[]
}
declare module '@bpmn-io/properties-panel' {
  type Component = (given: Record<string, unknown>) => import('@bpmn-io/properties-panel/preact').ComponentChild
  export const Group: Component, SelectEntry: Component, TextAreaEntry: Component, TextFieldEntry: Component
}
declare module 'bpmn-moddle' {
  type Moddle = import('./bpmn/extensions').Moddle
  export class BpmnModdle {
    constructor(packages: Record<string, unknown>)
    create(type: string, properties?: Record<string, unknown>): Moddle
    fromXML(xml: string): Promise<{ rootElement: Moddle, elementsById: Record<string, Moddle>, warnings: unknown[] }>
    toXML(element: Moddle, given: { format: boolean }): Promise<{ xml: string }>
  }
}
declare module 'node:fs' {
  const fs: { readFileSync(path: string, encoding: 'utf8'): string, readdirSync(path: string, given: { recursive: true }): string[], existsSync(path: string): boolean }
  export default fs
}
declare module 'node:child_process' {
  export function spawnSync(command: string, given: string[], options?: { encoding: 'utf8' }): { status: number | null, stderr: string }
}
declare module 'node:os' { const os: { tmpdir(): string }; export default os }
declare module 'bpmnlint/lib/linter' {
  const Linter: new (given: { config: { rules: Record<string, string> }, resolver: unknown }) => {
    lint(root: unknown): Promise<Record<string, { id: string, message: string }[]>>
  }
  export default Linter
}
declare module 'bpmnlint/lib/resolver/static-resolver' { const StaticResolver: new (cache: Record<string, unknown>) => unknown; export default StaticResolver }
declare module 'bpmnlint/rules/*' { const rule: unknown; export default rule }
