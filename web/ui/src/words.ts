// The few words that the scripts say themselves. Everything else comes translated from the server.
const WORDS = {
  cancel: ['取消', 'Cancel'],
  confirm: ['确定', 'OK'],
  sending: ['正在提交…', 'Sending…'],
  draftSaved: ['草稿已保存（{time}）', 'Draft saved ({time})'],
  draftFailed: ['草稿未能保存，请勿关闭页面', 'The draft could not be saved; please keep this page open'],
  filter: ['筛选选项', 'Filter the options'],
  filterNone: ['没有匹配的选项', 'No option matches'],
  chosen: ['已选 {count} 项', '{count} chosen'],
  fileTooBig: ['超过大小限制（{limit}）', 'over the limit ({limit})'],
  filesChosen: ['待上传的文件', 'Files to upload'],
  editor: ['格式', 'Formatting'],
  bold: ['加粗', 'Bold'],
  italic: ['斜体', 'Italic'],
  underline: ['下划线', 'Underline'],
  heading: ['标题', 'Heading'],
  subheading: ['小标题', 'Subheading'],
  paragraph: ['正文', 'Paragraph'],
  bullets: ['项目列表', 'Bulleted list'],
  numbers: ['编号列表', 'Numbered list'],
  quote: ['引用', 'Quotation'],
  link: ['链接', 'Link'],
  linkAddress: ['链接地址（留空则取消链接）', 'Address of the link (empty removes it)'],
  clear: ['清除格式', 'Clear formatting'],
  undo: ['撤销', 'Undo'],
  redo: ['重做', 'Redo'],
  failed: ['操作未完成，请稍后再试', 'That did not work; please try again'],
  offline: ['无法连接服务器', 'The server cannot be reached'],
  diagram: ['流程图', 'Diagram'],
  diagrams: ['流程图列表', 'Diagrams'],
  diagramFailed: ['流程图无法显示', 'The diagram cannot be shown'],
  zoomIn: ['放大', 'Zoom in'],
  zoomOut: ['缩小', 'Zoom out'],
  fit: ['适合窗口', 'Fit to window'],
  legendActive: ['当前位置', 'Current position'],
  legendDone: ['已完成', 'Completed'],
  legendFlow: ['已走路径', 'Path taken'],
  legendCancelled: ['已取消', 'Cancelled'],
  open: ['打开“{name}”', 'Open “{name}”'],
  path: ['所在位置', 'Where you are'],
  nowAt: ['当前位置：{names}', 'Now at: {names}'],
  comma: ['、', ', '],
  times: ['{count} 次', '{count}×'],
  run: ['第 {count} 次', 'run {count}'],
  play: ['播放', 'Play'],
  pause: ['暂停', 'Pause'],
  entered: ['进入', 'entered'],
  completed: ['完成', 'completed'],
  cancelled: ['取消', 'cancelled'],
  system: ['系统', 'System'],
  before: ['尚未开始', 'Before the start'],
  entryOf: ['第 {index} 步，共 {count} 步', 'Step {index} of {count}'],
} as const

export type Word = keyof typeof WORDS

export const isEnglish = (): boolean =>
  typeof document !== 'undefined' && document.documentElement.lang.toLowerCase().startsWith('en')

export function say(word: Word, parameters: Record<string, string | number> = {}): string {
  const text: string = WORDS[word][isEnglish() ? 1 : 0]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
}

export function moment(iso: string | number | null): string {
  if (iso === null || iso === '') return '—'
  return new Date(iso).toLocaleString(isEnglish() ? 'en-GB' : 'zh-CN', {
    timeZone: 'Asia/Shanghai', hour12: false,
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  })
}
