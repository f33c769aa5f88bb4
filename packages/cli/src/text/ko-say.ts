// Korean: what commands say.

import type { Text } from './text.ts';

type Words = { message: string; hint: string };
type Say = Text['say'];
const words = (message: string, hint: string): Words => ({ message, hint });
const seeHelp = '사용법은 --help로 볼 수 있습니다';

const usage: Say['usage'] = {
  unknownOption: (option) => words(`${option} 옵션은 없습니다`, '옵션은 --help로 볼 수 있습니다'),
  unknownCommand: (command) => words(`${command} 명령은 없습니다`, '명령은 sally --help로 볼 수 있습니다'),
  missingArgument: (name) => words(`${name} 인수가 빠졌습니다`, seeHelp),
  optionMissingArgument: (option) => words(`${option} 옵션에 값이 필요합니다`, seeHelp),
  missingOption: (option) => words(`${option} 옵션이 꼭 필요합니다`, seeHelp),
  excessArguments: () =>
    words('이 명령이 받는 것보다 단어가 많습니다', `${seeHelp}. 서버에서 실행할 명령은 -- 뒤에 씁니다`),
  noCommand: () => words('어떤 명령인가요?', '명령은 sally --help로 볼 수 있습니다'),
  other: (message) => words(message, seeHelp),
  restNotTaken: () => words('이 명령은 -- 뒤에 아무것도 받지 않습니다', seeHelp),
  language: (asked) => words(`${asked}: sally가 쓰지 않는 언어입니다`, '--lang en 또는 --lang ko를 쓰세요'),
  label: (label) => words(`${label}: 레이블이 아닙니다`, 'env=prod처럼 이름=값 형식으로 쓰세요'),
  count: (option, least, most) => words(`${option}에는 ${least}부터 ${most}까지의 정수가 필요합니다`, seeHelp),
  number: (option) => words(`${option}에는 0보다 큰 수가 필요합니다`, '1, 2.5, 0.5처럼 쓰세요'),
  duration: (option) => words(`${option}에는 기간이 필요합니다`, '90s, 15m, 2h, 7d처럼 쓰세요'),
  deviceName: () => words('기기 이름으로 쓸 수 없습니다', '128자 이내로 한 줄에 쓰세요'),
  link: (why) =>
    words(
      `등록 링크가 올바르지 않습니다: ${why}`,
      'https://gateway.example:8443/enrol#… 형태입니다. 따옴표로 감싸거나 --code-file로 주세요',
    ),
  gatewayAddress: (why) =>
    words(`게이트웨이 주소가 올바르지 않습니다: ${why}`, 'https://gateway.example:8443처럼 쓰세요'),
  destination: (given) =>
    words(`${given}: 계정@서버 형식이 아닙니다`, 'sally ls에 나오는 이름을 deploy@web-1처럼 쓰세요'),
  hostName: (host, workspace) =>
    words(
      `${host}: ${workspace}의 서버가 아닙니다`,
      `서버이름.${workspace}.sally로 쓰세요. 서버는 sally ls로 볼 수 있습니다`,
    ),
  deviceId: (id) => words(`${id}은(는) 기기 ID가 아닙니다`, 'ID는 sally device ls로 볼 수 있습니다'),
  sessionId: (id) => words(`${id}: 세션 ID가 아닙니다`, 'ID는 sally sessions ls로 볼 수 있습니다'),
  seq: () => words('이벤트 번호는 정수입니다', '번호는 sally audit tail로 볼 수 있습니다'),
  noRemoteCommand: () => words('실행할 명령이 없습니다', '-- 뒤에 쓰세요. 예: sally exec web-1 -- uptime'),
  noServerMatches: () =>
    words(
      '서버를 지정하지 않았고, 연결된 서버 가운데 조건에 맞는 것도 없습니다',
      '서버와 레이블은 sally ls로 볼 수 있습니다',
    ),
  needsYes: () => words('확인이 필요한데 물어볼 사람이 없습니다', '확실하면 --yes를 붙이세요'),
  notConfirmed: () => words('아무것도 하지 않았습니다', '준비되면 다시 실행하세요'),
  nothingToRead: () => words('받은 값이 없고 물어볼 사람도 없습니다', '파일로 주거나, -로 표준 입력에서 읽게 하세요'),
  inputTooLong: () => words('너무 깁니다', '맞는 파일인지 확인하세요'),
  twoTokens: () => words('토큰은 한 번만 주세요', '--token-file과 --token 가운데 하나만 쓰세요'),
  noToken: () =>
    words(
      '등록 토큰이 없습니다',
      '--token-file 파일, 또는 표준 입력이면 --token-file -로 주세요. 토큰은 sally token create로 만듭니다',
    ),
};

const audit: Say['audit'] = {
  verifying: '로그를 검증하는 중',
  fetching: (events) => `이벤트 ${events}개를 읽는 중`,
  good: (events, checkpoints, uncovered) =>
    `로그가 온전합니다: 이벤트 ${events}개, 서명된 체크포인트 ${checkpoints}개${uncovered === 0 ? '' : `, 아직 서명되지 않은 이벤트 ${uncovered}개`}`,
  bad: (file, line, kind, why) => `로그가 검증되지 않습니다: ${file} ${line}번째 줄: ${kind} (${why})`,
  badKind: {
    changed: '줄이 변경되었습니다',
    deleted: '줄이 삭제되었습니다',
    inserted: '줄이 끼워 넣어졌습니다',
    reordered: '줄의 순서가 바뀌었습니다',
    duplicate: '같은 줄이 두 번 있습니다',
    'not-json': '이벤트가 아닌 내용이 있습니다',
    rewritten: '로그가 새로 쓰였습니다',
    truncated: '로그의 끝이 잘렸습니다',
    misnamed: '파일 이름이 내용과 다릅니다',
    'checkpoint-malformed': '체크포인트를 읽을 수 없습니다',
    'checkpoint-forged': '체크포인트가 로그의 키로 서명되지 않았습니다',
    'checkpoint-backwards': '체크포인트의 순서가 거꾸로입니다',
    'checkpoint-mismatch': '서명된 체크포인트와 줄이 맞지 않습니다',
    'checkpoints-missing': '체크포인트가 없습니다',
    'known-checkpoint': '예전에 서명한 내용이 로그에 없습니다',
    unreadable: '로그를 읽을 수 없습니다',
  },
  badLine: (at) =>
    words(
      `로그가 검증되지 않습니다: 게이트웨이가 준 이벤트 ${at}이(가) 올바른 줄이 아닙니다`,
      '게이트웨이에서 오프라인으로 검증하세요: sally audit verify --folder 폴더',
    ),
  badCheckpoint: (why) =>
    words(
      `체크포인트가 검증되지 않습니다: ${why}`,
      '게이트웨이에서 오프라인으로 검증하세요: sally audit verify --folder 폴더',
    ),
  noKey: words(
    '이 기기가 알고 있는 로그 공개 키가 없습니다',
    '--folder 없이 sally audit verify를 한 번 실행하거나 --key를 주세요',
  ),
  badKey: (why) =>
    words(`로그의 키가 아닙니다: ${why}`, '이름+해시+키 형태이며, sally audit verify가 처음 볼 때 출력합니다'),
  otherKey: (key) =>
    words(
      '로그가 이 기기에 고정된 것과 다른 키로 서명되어 있습니다',
      `계속하기 전에 이유를 확인하세요. 지금 키는 ${key}`,
    ),
  keyPinned: (key) => `지금부터 이 로그의 키를 고정합니다: ${key}`,
  proven: (seq, size) => `이벤트 ${seq}이(가) 로그에 있음을 이벤트 ${size}개에 대한 서명된 체크포인트가 증명합니다`,
  notProven: (why) => words(`증명이 성립하지 않습니다: ${why}`, 'sally audit verify로 로그 전체를 검증하세요'),
  otherEvent: '다른 이벤트에 대한 증명입니다',
};

const recording: Say['recording'] = {
  fetching: '녹화를 읽는 중',
  verifying: '녹화를 검증하는 중',
  unsealed: '참고: 봉인되지 않은 녹화입니다. 세션이 아직 열려 있거나 비정상 종료로 끊겼습니다',
  other: '다른 세션이나 채널의 녹화입니다',
  noHash: '참고: 게이트웨이에 이 녹화의 해시가 아직 없어 녹화 자체만으로 검증했습니다',
  notSealedAnyMore: '감사 로그에 해시가 있지만 더는 봉인되어 있지 않습니다',
  none: words(
    '이 세션에는 녹화가 없습니다',
    '셸과 명령은 끝난 뒤에 녹화를 볼 수 있습니다. sally sessions show로 확인하세요',
  ),
  several: (channels) => words('이 세션에는 녹화가 여러 개입니다', `--channel로 하나를 고르세요: ${channels}`),
  noSuch: (channel) =>
    words(`이 세션에는 채널 ${channel}의 녹화가 없습니다`, '채널은 sally sessions show로 볼 수 있습니다'),
  bad: (why) =>
    words(
      `녹화가 검증되지 않습니다: ${why}`,
      '만들어진 뒤에 변경되었거나 잘렸습니다. 해시가 담긴 로그는 sally audit verify로 검증합니다',
    ),
  exported: (path) => `${path}에 내보냈습니다`,
  exists: (path) => words(`${path} 파일이 이미 있습니다`, '다른 이름을 쓰거나 --force로 덮어쓰세요'),
};

const way: Say['way'] = {
  noSuchHost: (host) => words(`${host}: 그런 호스트 이름이 없습니다`, '주소의 철자와 이 기기의 DNS를 확인하세요'),
  noNameServer: (host) => words(`${host}: 이름 서버가 응답하지 않습니다`, '이 기기의 네트워크를 확인하세요'),
  nothingListens: (host) =>
    words(`${host}: 그 포트에서 응답하는 프로그램이 없습니다`, '포트와, 게이트웨이가 실행 중인지 확인하세요'),
  noRoute: (host) => words(`${host}: 거기까지 가는 경로가 없습니다`, '이 기기의 네트워크를 확인하세요'),
  noAnswer: (host) =>
    words(`${host}: 제때 응답이 없습니다`, '방화벽이 막고 있을 수 있습니다. 이 포트로 나가는 TCP를 허용하세요'),
  cut: (host) =>
    words(`${host}: 연결이 끊겼습니다`, '방화벽이나 프록시가 TLS를 검사할 수 있습니다. 게이트웨이를 예외로 두세요'),
  otherName: (host) => words(`${host}: 다른 호스트 이름의 인증서입니다`, '게이트웨이의 원래 이름을 쓰세요'),
  wrongTime: (host) =>
    words(`${host}: 지금 유효하지 않은 인증서입니다`, '이 기기의 시계를 먼저, 다음에 게이트웨이의 인증서를 확인하세요'),
  untrusted: (host) =>
    words(
      `${host}: 이 기기가 신뢰하는 CA가 서명하지 않은 인증서입니다`,
      '중간에서 TLS를 검사하고 있거나 게이트웨이를 새로 만든 것입니다. 새로 만들었다면 다시 로그인하세요',
    ),
  noTls: (host) => words(`${host}: TLS를 협상하지 못했습니다`, '게이트웨이의 HTTPS 포트가 맞는지 확인하세요'),
  other: (host, message) => words(`${host}: ${message}`, '네트워크와, 게이트웨이가 실행 중인지 확인하세요'),
};

const columns: Say['column'] = {
  agent: '에이전트',
  channel: '채널',
  door: '경로',
  enrolled: '등록',
  exit: '종료 코드',
  expires: '만료',
  id: 'ID',
  kind: '종류',
  labels: '레이블',
  lasted: '지속',
  lastSeen: '마지막 접속',
  login: '계정',
  name: '이름',
  opened: '시작',
  outcome: '결과',
  person: '사람',
  recording: '녹화',
  result: '결과',
  server: '서버',
  sessions: '세션',
  started: '시작',
  state: '상태',
  subject: '대상',
  system: '운영 체제',
  time: '시간',
  uses: '남은 횟수',
};

const fact: Say['fact'] = {
  person: '사람',
  device: '기기',
  workspace: '워크스페이스',
  gateway: '게이트웨이',
  profile: '프로필',
  sshDomain: 'ssh에서 쓸 이름',
  thisSide: '이 기기가 본 연결',
  gatewaySide: '게이트웨이가 본 연결',
  transport: '전송',
  encryption: '암호화',
  keyExchange: '키 교환',
  integrity: '무결성',
  aead: '인증된 암호화 (AEAD)',
  peer: '상대',
  trust: '신뢰',
  pinnedCa: '고정된 워크스페이스 CA',
  systemRoots: '이 시스템의 루트 인증서',
  deviceKey: '신원',
  deviceKeyBound: '이 기기의 Ed25519 키, 이 TLS 연결에 묶여 있음 (RFC 9266)',
  roundTrip: '왕복 시간',
  version: 'sally',
  sealLevel: '봉인 수준',
};

const agent: Say['agent'] = {
  joining: '등록하는 중',
  examining: '한 단계씩 점검하는 중',
  joined: (name, workspace) => `이 호스트를 ${workspace}의 서버 ${name}(으)로 등록했습니다`,
  joinedNext: '다음: sally agent run을 실행하거나 서비스를 시작하세요: systemctl enable --now sallyport-agent',
  notRunning: '실행되고 있지 않음',
  mend: '해결:',
  linkState: {
    connecting: '연결하는 중',
    connected: '연결됨',
    retrying: '연결되지 않음, 다시 시도하는 중',
    revoked: '게이트웨이가 등록을 취소함',
    stopped: '멈춤',
  },
  fact: {
    link: '에이전트',
    name: '서버',
    workspace: '워크스페이스',
    certificate: '인증서 만료',
    since: '이 상태가 된 때',
    sessions: '세션',
    process: '프로세스',
    clockSkew: '게이트웨이 시계가 앞선 시간',
    lastFailure: '마지막 오류',
  },
  step: {
    dns: 'DNS 이름',
    tcp: 'TCP 연결',
    proxy: '프록시',
    tls: 'TLS 협상',
    clock: '시계',
    certificate: '인증서',
    policy: '정책',
    host: '이 호스트',
  },
};

export const sayKo: Say = {
  agent,
  error: '오류:',
  hint: '도움말:',
  warning: '경고:',
  rule: '규칙',
  usage,
  audit,
  recording,
  way,
  help: {
    usage: '사용법:',
    options: '옵션:',
    arguments: '인수:',
    commands: '명령:',
    command: '명령',
    optionsTerm: '[옵션]',
    commandTerm: '[명령]',
    examples: '예:',
    everyday: '매일 쓰는 명령:',
    watching: '지켜보기:',
    running: '워크스페이스 운영:',
    sshUsage: '[옵션] <계정@서버> [-- 명령...]',
    execUsage: '[옵션] [계정@서버...] -- 명령...',
  },
  unreachable: (step, message) => `게이트웨이에 연결할 수 없습니다 (${step}): ${message}`,
  notPinned: (host) =>
    words(
      `${host}: 이 링크를 만든 게이트웨이가 아닙니다`,
      '아무것도 보내지 않았습니다. 주소를 확인하고, TLS 검사의 예외로 두거나, 새 링크를 받으세요',
    ),
  notUnderstood: (host, status) =>
    words(
      `${host}: Sallyport 게이트웨이의 응답이 아닙니다 (HTTP ${status})`,
      '주소와, sally와 게이트웨이의 버전이 같은지 확인하세요',
    ),
  linkLost: (why) => words(`게이트웨이와의 연결이 끊어졌습니다: ${why}`, '다시 시도하세요'),
  crashed: (why) =>
    words(`sally에 결함이 있습니다: ${why}`, '신고해 주세요. SALLY_TRACE=1로 다시 실행하면 위치를 볼 수 있습니다'),
  badProfileName: (name) =>
    words(`${name}: 프로필 이름으로 쓸 수 없습니다`, '글자, 숫자, -, _를 32자까지 쓸 수 있습니다'),
  notEnrolled: (profile) =>
    words(`이 기기는 아직 등록되지 않았습니다 (프로필 ${profile})`, '링크를 받아 실행하세요: sally login 링크'),
  profileDamaged: (path, why) =>
    words(`${path} 파일이 손상되었습니다: ${why}`, 'sally logout을 실행한 다음, 새 링크로 sally login을 실행하세요'),
  fileAbsent: (path) =>
    words(`${path} 파일이 없습니다`, '이름을 확인하세요. 프로필이라면 sally login을 다시 실행하세요'),
  fileMode: (path, found, wanted) =>
    words(
      `${path}: 다른 사용자가 쓸 수 있는 상태입니다 (모드 ${found})`,
      `이미 읽혔을 수 있습니다. chmod ${wanted} '${path}'를 실행하고, 다른 사람이 함께 쓰는 기기라면 새로 등록하세요`,
    ),
  fileOwner: (path, uid) =>
    words(`${path}: 다른 사용자(${uid})의 것입니다`, '자신의 폴더를 쓰거나 XDG_CONFIG_HOME을 지정하세요'),
  fileUnusable: (path, why) => words(`${path}: 쓸 수 없습니다: ${why}`, '경로와 권한, 디스크의 남은 공간을 확인하세요'),
  cannotWrite: (path, why) => words(`${path}에 쓸 수 없습니다: ${why}`, '경로와 권한, 디스크의 남은 공간을 확인하세요'),
  pathUnspeakable: (path) =>
    words(
      `${path}: ssh_config에 쓸 수 없는 경로입니다`,
      '따옴표, 역슬래시, ${는 들어갈 수 없습니다. XDG_CONFIG_HOME을 다른 폴더로 지정하세요',
    ),
  askingGateway: '게이트웨이에 묻는 중',
  connecting: '연결하는 중',
  runningOn: (servers) => `서버 ${servers}대에서 실행하는 중`,
  confirmAnswers: { active: '예', inactive: '아니요' },
  askLink: '등록 링크 (화면에 보이지 않습니다)',
  askToken: '등록 토큰 (화면에 보이지 않습니다)',
  tokenSeen: '이 호스트의 모든 사용자가 프로세스 목록에서 토큰을 볼 수 있습니다. --token-file을 쓰면 보이지 않습니다',
  enrolled: (person, workspace) => `이 기기를 등록했습니다: ${workspace}의 ${person}`,
  enrolledNext: '다음: sally ls, 그리고 sally ssh 서버. sally ssh-config --write를 실행하면 ssh도 쓸 수 있습니다',
  alreadyEnrolled: (person, workspace, profile) =>
    words(
      `이미 등록된 기기입니다: ${workspace}의 ${person} (프로필 ${profile})`,
      '다른 게이트웨이라면 --profile 이름을, 바꾸려면 --force를 쓰세요',
    ),
  confirmLogout: (profile) => `프로필 ${profile}과(와) 그 키를 삭제할까요?`,
  loggedOut: (profile) => `프로필 ${profile}과(와) 그 키를 삭제했습니다`,
  noServers: '아직 서버가 없습니다. sally token create로 토큰을 만들고 호스트에서 sally agent join을 실행하세요',
  noSuchServer: (name) => words(`${name}: 그런 서버가 없습니다`, '서버는 sally ls로 볼 수 있습니다'),
  serverState: { online: '연결됨', offline: '끊김', revoked: '취소됨' },
  confirmServerRevoke: (name) => `${name}의 등록을 영구히 취소할까요? 세션이 바로 끝납니다.`,
  serverRevoked: (name) => `${name}의 등록을 취소했습니다`,
  noTokens: '등록 토큰이 없습니다',
  tokenState: { usable: '사용 가능', expired: '만료됨', usedUp: '모두 사용', revoked: '취소됨' },
  tokenMade: (until, uses) =>
    `${until}까지 서버 ${uses}대에 쓸 수 있고, 다시 보여 주지 않습니다. 서버에서 다음 명령의 표준 입력으로 주세요:`,
  confirmTokenRevoke: (id) => `${id} 토큰을 취소할까요?`,
  tokenRevoked: (id) => `${id} 토큰을 취소했습니다`,
  deviceState: { connected: '연결됨', away: '연결 안 됨', revoked: '취소됨' },
  thisDevice: '이 기기',
  confirmDeviceRevoke: (name) => `${name} 기기의 등록을 영구히 취소할까요? 세션이 바로 끝납니다.`,
  deviceRevoked: (name) => `${name} 기기의 등록을 취소했습니다`,
  codeMade: (until) => `${until}까지 한 번 쓸 수 있습니다. 다른 기기에서: sally login -`,
  noSessions: '세션이 없습니다',
  sessionState: { open: '열림', ended: '끝남' },
  confirmSessionEnd: (person, destination) => `${destination}에 있는 ${person}의 세션을 끝낼까요?`,
  sessionEnded: (id) => `${id} 세션을 끝냈습니다`,
  yes: '예',
  otherWorkspace: (now, before) =>
    words(
      `게이트웨이는 자신이 워크스페이스 ${now}라고 하지만, 이 프로필은 ${before}의 것입니다`,
      '운영하는 사람에게 물어보세요. 새로 만든 것이라면 sally login을 다시 실행하세요',
    ),
  sshConfigWritten: (path) => `썼습니다: ${path}`,
  includeAdded: (path) => `${path} 맨 위에 Include 한 줄을 추가했습니다`,
  includeThere: (path) => `Include 줄이 ${path}에 이미 있습니다`,
  sshConfigNext: (domain) => `이제 실행해 보세요: ssh 서버이름.${domain}`,
  hungUp: 'sally: 연결을 끊었습니다',
  escapeHelp: ['~.  연결을 끊습니다', '~~  ~ 하나를 보냅니다', '~?  이 도움말'],
  judged: { verdict: '판정', line: '명령줄', rules: '규칙', safer: '더 안전한 방법' },
  rulesInvalid: (file, mistakes, list) =>
    words(`${file}에 오류가 ${mistakes}개 있습니다: ${list}`, '모두 고치세요. 형식은 docs/command-rules.md에 있습니다'),
  policyVersion: (version, author, at, reason) => `버전 ${version}, ${author}, ${at}: ${reason}`,
  policyValid: (file) => `${file}에 오류가 없습니다`,
  policyInvalid: (file, mistakes, list) =>
    words(`${file}에 오류가 ${mistakes}개 있습니다: ${list}`, '모두 고치세요. 지금 적용된 정책은 그대로입니다'),
  policyApplied: (version) => `버전 ${version}이(가) 적용되었습니다`,
  gatewayFailed: (step, message) => `게이트웨이가 시작되지 않았습니다 (${step}): ${message}`,
  clockDiffers: (by, isAhead) =>
    `이 기기의 시계가 게이트웨이보다 ${by} ${isAhead ? '빠릅니다' : '느립니다'}. 맞추지 않으면 접근이 거부됩니다`,
  completionShell: (given) =>
    words(`${given}: 자동 완성을 지원하지 않는 셸입니다`, 'bash, zsh, fish 가운데 하나를 쓰세요'),
  ago: (duration) => `${duration} 전`,
  duration: {
    days: (days) => `${days}일`,
    hours: (hours) => `${hours}시간`,
    minutes: (minutes) => `${minutes}분`,
    seconds: (seconds) => `${seconds}초`,
  },
  exec: {
    ended: (isSuccess) => (isSuccess ? '완료' : '실패'),
    cut: (bytes) => `출력마다 처음 ${bytes}바이트만 보여 줍니다`,
  },
  column: columns,
  fact,
};
