import Linter from 'bpmnlint/lib/linter'
import StaticResolver from 'bpmnlint/lib/resolver/static-resolver'
import { BpmnModdle } from 'bpmn-moddle'
import moddle from './bpmn/moddle.json'
import adHoc from 'bpmnlint/rules/ad-hoc-sub-process'
import conditionalEvent from 'bpmnlint/rules/conditional-event'
import conditionalFlows from 'bpmnlint/rules/conditional-flows'
import endRequired from 'bpmnlint/rules/end-event-required'
import eventGateway from 'bpmnlint/rules/event-based-gateway'
import typedStart from 'bpmnlint/rules/event-sub-process-typed-start-event'
import global from 'bpmnlint/rules/global'
import labelRequired from 'bpmnlint/rules/label-required'
import linkEvent from 'bpmnlint/rules/link-event'
import noDrawing from 'bpmnlint/rules/no-bpmndi'
import disconnected from 'bpmnlint/rules/no-disconnected'
import implicitEnd from 'bpmnlint/rules/no-implicit-end'
import implicitSplit from 'bpmnlint/rules/no-implicit-split'
import implicitStart from 'bpmnlint/rules/no-implicit-start'
import overlapping from 'bpmnlint/rules/no-overlapping-elements'
import blankStart from 'bpmnlint/rules/single-blank-start-event'
import singleDefinition from 'bpmnlint/rules/single-event-definition'
import startRequired from 'bpmnlint/rules/start-event-required'
import subBlankStart from 'bpmnlint/rules/sub-process-blank-start-event'
import gatewayAlone from 'bpmnlint/rules/superfluous-gateway'
import labelAlone from 'bpmnlint/rules/superfluous-label'
import terminationAlone from 'bpmnlint/rules/superfluous-termination'
import { isEnglish } from '../words'
import type { Finding } from './api'

interface Rule { check: unknown, says: readonly [string, string], mend: readonly [string, string] }

// bpmnlint's recommended rules, with what we say of each: Chinese, English. Left out are those against what the engine
// executes exactly and a secretary reads at once: inclusive and complex gateways, and flows that meet at a step or at a
// gateway that also divides. Two flows between one pair are refused by the server's own check, which knows conditions.
const RULES: Record<string, Rule> = {
  'ad-hoc-sub-process': { check: adHoc, says: ['临时子流程中不应有开始或结束事件', 'An ad-hoc sub-process has no start and no end event'], mend: ['删去其中的开始、结束事件', 'Remove the start and end events in it'] },
  'conditional-event': { check: conditionalEvent, says: ['条件事件没有条件', 'The conditional event has no condition'], mend: ['在属性中写明条件', 'Say the condition in the properties'] },
  'conditional-flows': { check: conditionalFlows, says: ['分支路径没有条件，也不是默认路径', 'A way out of a fork has no condition and is not the default'], mend: ['给这条路径写上条件，或设为默认路径', 'Give the flow a condition, or make it the default'] },
  'end-event-required': { check: endRequired, says: ['没有结束事件', 'There is no end event'], mend: ['画出结束事件，把最后一步连到它', 'Draw an end event and lead the last step to it'] },
  'event-based-gateway': { check: eventGateway, says: ['事件网关之后只能是等待的事件，且至少两个', 'An event-based gateway leads to at least two waiting events'], mend: ['在网关之后画出所等待的事件', 'Draw the events it waits for behind the gateway'] },
  'event-sub-process-typed-start-event': { check: typedStart, says: ['事件子流程的开始事件没有说明等待什么', 'The start event of an event sub-process does not say what it waits for'], mend: ['选择开始事件，指定消息、定时或信号', 'Choose the start event and give it a message, timer or signal'] },
  global: { check: global, says: ['消息、信号、错误或升级没有名称、重名或没有用到', 'A message, signal, error or escalation has no name of its own, or is not used'], mend: ['给它一个唯一的名称，或删去', 'Give it a name of its own, or remove it'] },
  'label-required': { check: labelRequired, says: ['没有名称', 'It has no name'], mend: ['写上办事人员看得懂的名称', 'Write a name that those who do it understand'] },
  'link-event': { check: linkEvent, says: ['链接事件没有名称或没有对应的另一端', 'The link event has no name or no counterpart'], mend: ['给两端写上同一个名称', 'Give both ends the same name'] },
  'no-bpmndi': { check: noDrawing, says: ['没有画在图上', 'It is not drawn'], mend: ['用“自动排列”补画', 'Use “Lay out” to draw it'] },
  'no-disconnected': { check: disconnected, says: ['没有任何连线', 'Nothing leads to it and nothing leaves it'], mend: ['连接它，或删去', 'Connect it, or remove it'] },
  'no-implicit-end': { check: implicitEnd, says: ['路径在此中断，没有到结束事件', 'The way breaks off here without an end event'], mend: ['由此引出路径，或改为结束事件', 'Lead a flow on from here, or make it an end event'] },
  'no-implicit-split': { check: implicitSplit, says: ['此处未经网关就分出多条路径', 'Several flows leave here without a gateway'], mend: ['在其后加一个网关，由网关分出', 'Put a gateway behind it and let the flows leave from there'] },
  'no-implicit-start': { check: implicitStart, says: ['没有路径通到这里', 'No way leads here'], mend: ['把路径连到此处，或删去', 'Lead a flow to it, or remove it'] },
  'no-overlapping-elements': { check: overlapping, says: ['与其他元素重叠或超出边界', 'It lies over another element or outside its border'], mend: ['移开它，或用“自动排列”', 'Move it, or use “Lay out”'] },
  'single-blank-start-event': { check: blankStart, says: ['有多个无类型的开始事件', 'There are several plain start events'], mend: ['只留一个，其余改为消息或定时开始', 'Leave one; start the others by a message or a timer'] },
  'single-event-definition': { check: singleDefinition, says: ['一个事件有多种类型', 'One event has several definitions'], mend: ['只留一种', 'Leave one of them'] },
  'start-event-required': { check: startRequired, says: ['没有开始事件', 'There is no start event'], mend: ['画出开始事件，由它引到第一步', 'Draw a start event and lead a flow to the first step'] },
  'sub-process-blank-start-event': { check: subBlankStart, says: ['子流程的开始事件不应有类型', 'The start event of a sub-process is a plain one'], mend: ['改为无类型的开始事件', 'Make it a plain start event'] },
  'superfluous-gateway': { check: gatewayAlone, says: ['网关只有一进一出，没有作用', 'The gateway has one way in and one way out: it decides nothing'], mend: ['删去网关，直接连接', 'Remove it and connect its ends'] },
  'superfluous-label': { check: labelAlone, says: ['此处的文字是多余的', 'A label is superfluous here'], mend: ['删去连线上的文字', 'Remove the label of the flow'] },
  'superfluous-termination': { check: terminationAlone, says: ['终止事件是多余的：此时没有别的路径在运行', 'A terminating end is superfluous: nothing else runs then'], mend: ['改为普通结束事件', 'Use a plain end event'] },
}

const linter = new Linter({
  config: { rules: Object.fromEntries(Object.keys(RULES).map(rule => [rule, 'warn'])) },
  resolver: new StaticResolver(Object.fromEntries(Object.entries(RULES).map(([name, rule]) => [`rule:bpmnlint/${name}`, rule.check]))),
})

// What bpmnlint advises on one diagram; nothing where the text is no BPMN, which the server's check says better.
export async function advice(path: string, text: string): Promise<Finding[]> {
  const read = await new BpmnModdle({ spiffworkflow: moddle }).fromXML(text).catch(() => null)
  if (!read) return []
  const language = isEnglish() ? 1 : 0
  const reports = await linter.lint(read.rootElement)
  return Object.entries(reports).flatMap(([name, found]) => found.map(({ id }): Finding => {
    const rule = RULES[name]
    const element = read.elementsById[id] as { name?: string } | undefined
    return {
      path, element: id ?? null, line: null, level: 'warning', code: `bpmnlint.${name}`, kind: 'bpmn', name: element?.name ?? '',
      message: rule?.says[language] ?? name, mend: rule?.mend[language] ?? '',
    }
  }))
}
