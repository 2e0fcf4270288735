// New files, as small as they can be and still be drawn.
const name = (path: string): string => path.replace(/^.*\//, '').replace(/\.(bpmn|dmn|form\.json)$/, '')
const id = (path: string): string => /^[A-Za-z_]\w*$/.test(name(path)) ? name(path) : `p_${[...name(path)].reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1_000_003, 7)}`

export const ENDINGS = { bpmn: '.bpmn', dmn: '.dmn', form: '.form.json' } as const

export function blank(kind: keyof typeof ENDINGS, path: string, words: { start: string, end: string, lane: string, input: string, output: string }): string {
  if (kind === 'form') return JSON.stringify({ type: 'default', id: id(path), schemaVersion: 18, components: [] }, null, 2) + '\n'
  return kind === 'dmn' ? table(path, words) : diagram(path, words)
}

const diagram = (path: string, words: { start: string, end: string, lane: string }): string => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="${id(path)}_definitions" targetNamespace="https://mingtang.example/processes">
  <bpmn:collaboration id="${id(path)}_collaboration"><bpmn:participant id="${id(path)}_pool" name="${name(path)}" processRef="${id(path)}" /></bpmn:collaboration>
  <bpmn:process id="${id(path)}" name="${name(path)}" isExecutable="true">
    <bpmn:laneSet id="${id(path)}_lanes"><bpmn:lane id="${id(path)}_lane" name="${words.lane}"><bpmn:flowNodeRef>${id(path)}_start</bpmn:flowNodeRef><bpmn:flowNodeRef>${id(path)}_end</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="${id(path)}_start" name="${words.start}"><bpmn:outgoing>${id(path)}_flow</bpmn:outgoing></bpmn:startEvent>
    <bpmn:endEvent id="${id(path)}_end" name="${words.end}"><bpmn:incoming>${id(path)}_flow</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="${id(path)}_flow" sourceRef="${id(path)}_start" targetRef="${id(path)}_end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="${id(path)}_diagram"><bpmndi:BPMNPlane id="${id(path)}_plane" bpmnElement="${id(path)}_collaboration">
    <bpmndi:BPMNShape id="${id(path)}_pool_di" bpmnElement="${id(path)}_pool" isHorizontal="true"><dc:Bounds x="160" y="80" width="720" height="240" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="${id(path)}_lane_di" bpmnElement="${id(path)}_lane" isHorizontal="true"><dc:Bounds x="190" y="80" width="690" height="240" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="${id(path)}_start_di" bpmnElement="${id(path)}_start"><dc:Bounds x="252" y="182" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="${id(path)}_end_di" bpmnElement="${id(path)}_end"><dc:Bounds x="772" y="182" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="${id(path)}_flow_di" bpmnElement="${id(path)}_flow"><di:waypoint x="288" y="200" /><di:waypoint x="772" y="200" /></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
`

const table = (path: string, words: { input: string, output: string }): string => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="${id(path)}_definitions" name="${name(path)}" namespace="https://mingtang.example/processes">
  <decision id="${id(path)}" name="${name(path)}">
    <decisionTable id="${id(path)}_table" hitPolicy="FIRST">
      <input id="${id(path)}_input" label="${words.input}"><inputExpression id="${id(path)}_expression" typeRef="string"><text></text></inputExpression></input>
      <output id="${id(path)}_output" label="${words.output}" name="result" typeRef="string" />
    </decisionTable>
  </decision>
</definitions>
`
