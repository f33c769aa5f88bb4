// Korean: the commands that run and watch over a workspace.

import type { adminCommandsEn } from './en-admin.ts';
import type { Text } from './text.ts';

const state = '키와 인증서를 두는 폴더';
const channel = '세션에 녹화가 여러 개일 때 고를 채널';
const sessionId = '세션 ID, ses_…';
const yes = '묻지 않고 진행합니다';

export const adminCommandsKo: Pick<Text['command'], keyof typeof adminCommandsEn> = {
  gateway: {
    summary: '게이트웨이를 실행합니다',
    description:
      '멈추라는 신호(SIGTERM, Ctrl-C)를 받을 때까지 게이트웨이를 포그라운드에서 실행합니다. 설정은 파일 하나와 환경 변수에서 읽고, 잘못된 곳은 모두 알려 줍니다. 처음 시작할 때 워크스페이스를 만들고 소유자를 등록할 링크를 출력합니다.',
    options: { config: '설정 파일, TOML (또는 SALLY_SETTINGS)' },
    arguments: {},
    examples: [{ run: 'sally gateway --config /etc/sallyport/gateway.toml', means: '서비스로 실행할 때처럼' }],
  },
  agent: {
    summary: '이 호스트를 게이트웨이에 등록하고 에이전트를 실행합니다',
    description: '',
    options: {},
    arguments: {},
    examples: [],
  },
  agentJoin: {
    summary: '이 호스트를 서버로 등록합니다',
    description:
      '이 호스트에서 키를 만들고 게이트웨이의 인증을 받습니다. 명령에 쓴 단어는 이 호스트의 모든 사용자가 볼 수 있습니다. 토큰은 --token-file로 주거나, -로 표준 입력에서 읽게 하세요.',
    options: {
      tokenFile: '등록 토큰을 파일에서 읽습니다. -는 표준 입력입니다',
      token: '등록 토큰. 이 호스트의 모든 사용자에게 보입니다',
      name: '서버의 이름 (지정하지 않으면 호스트 이름)',
      label: '레이블, 이름=값 형식, 토큰이 허용하는 만큼 여러 번 쓸 수 있습니다',
      force: '이미 등록된 호스트라도 새로 등록합니다',
      state,
    },
    arguments: { url: '게이트웨이 주소, https://호스트:포트' },
    examples: [
      {
        run: 'sally agent join https://gateway.example:8443 --token-file /root/token',
        means: '토큰을 파일에서 읽습니다',
      },
      {
        run: 'sally agent join https://gateway.example:8443 --token-file - --label env=prod',
        means: '토큰을 표준 입력에서 읽습니다',
      },
    ],
  },
  agentRun: {
    summary: '에이전트를 포그라운드에서 실행합니다',
    description:
      '게이트웨이로 나가는 연결만 만들고 아무 포트도 열지 않습니다. root로 실행하면 이 호스트의 모든 계정을, 아니면 자기 계정만 제공합니다.',
    options: { state },
    arguments: {},
    examples: [{ run: 'sally agent run', means: '서비스로 실행할 때처럼' }],
  },
  agentStatus: {
    summary: '이 호스트의 에이전트가 실행 중이고 연결되어 있는지 알려 줍니다',
    description: '',
    options: { state },
    arguments: {},
    examples: [{ run: 'sally agent status --json', means: '모니터링 도구에서' }],
  },
  agentDoctor: {
    summary: '게이트웨이까지의 길을 한 단계씩 점검합니다',
    description:
      '하나씩 점검하여 무엇이 고장인지, 어떻게 고치는지 말로 알려 줍니다. 고장이 있으면 종료 코드는 1입니다.',
    options: {
      url: '이 호스트가 등록된 곳이 아닌 다른 게이트웨이',
      tokenFile: '그 게이트웨이의 등록 토큰을 파일에서 읽습니다 (-는 표준 입력). 믿을 게이트웨이를 알려 줍니다',
      state,
    },
    arguments: {},
    examples: [{ run: 'sally agent doctor', means: '서버가 연결되지 않을 때' }],
  },
  token: { summary: '서버를 등록할 때 쓰는 토큰', description: '', options: {}, arguments: {}, examples: [] },
  tokenCreate: {
    summary: '등록 토큰을 만듭니다',
    description: '토큰은 한 번만 출력되고 어디에도 저장되지 않습니다. 토큰에는 게이트웨이의 지문이 들어 있습니다.',
    options: {
      uses: '이 토큰으로 등록할 수 있는 서버 수 (1)',
      ttl: '유효 기간: 90s, 15m, 2h, 7d (1h)',
      label: '등록되는 모든 서버에 붙일 레이블, 이름=값 형식, 여러 번 쓸 수 있습니다',
    },
    arguments: {},
    examples: [
      { run: 'sally token create --label env=prod', means: '서버 한 대, 한 시간 안에' },
      { run: 'sally token create --uses 50 --ttl 1d', means: '서버 쉰 대, 하루 안에' },
    ],
  },
  tokenLs: {
    summary: '등록 토큰 목록을 봅니다',
    description: '',
    options: {},
    arguments: {},
    examples: [{ run: 'sally token ls', means: '각 토큰을 몇 번 더 쓸 수 있는지' }],
  },
  tokenRevoke: {
    summary: '등록 토큰을 취소합니다',
    description: '이 토큰으로 이미 등록된 서버는 그대로 남습니다.',
    options: { yes },
    arguments: { token: '토큰 ID, tok_…' },
    examples: [{ run: 'sally token revoke tok_0123456789abcdef', means: '더는 아무도 이 토큰으로 등록하지 못합니다' }],
  },
  server: { summary: '워크스페이스의 서버', description: '', options: {}, arguments: {}, examples: [] },
  serverLs: {
    summary: '취소된 서버까지 모두 봅니다',
    description: '',
    options: {},
    arguments: {},
    examples: [{ run: 'sally server ls', means: '모든 서버' }],
  },
  serverRevoke: {
    summary: '서버의 등록을 영구히 취소합니다',
    description: '연결과 세션이 바로 끝납니다. 다시 쓰려면 새 토큰으로 등록해야 합니다.',
    options: { yes },
    arguments: { server: '서버의 이름이나 ID' },
    examples: [{ run: 'sally server revoke web-1', means: '먼저 확인을 받습니다' }],
  },
  device: { summary: '내 기기', description: '', options: {}, arguments: {}, examples: [] },
  deviceCode: {
    summary: '내 다른 기기를 등록할 일회용 링크를 만듭니다',
    description: '이 링크를 가진 사람은 누구나 내 이름으로 기기 하나를 등록할 수 있습니다. 아무에게도 주지 마세요.',
    options: {},
    arguments: {},
    examples: [{ run: 'sally device code', means: '그런 다음 다른 기기에서 sally login을 실행합니다' }],
  },
  deviceLs: {
    summary: '내 기기 목록을 봅니다',
    description: '정책이 허용하면 --all로 모든 사람의 기기를 봅니다.',
    options: { all: '모든 사람의 기기' },
    arguments: {},
    examples: [{ run: 'sally device ls --all', means: '누가 어떤 기기를 등록했고 지금 무엇이 연결되어 있는지' }],
  },
  deviceRevoke: {
    summary: '기기의 등록을 영구히 취소합니다',
    description:
      '기기를 잃어버렸거나 사람이 떠났을 때 씁니다. 그 기기의 세션과 연결은 1초 안에 끝나고, 그 키는 다시 받아들여지지 않으며, 그 사람의 아직 쓰지 않은 일회용 링크는 무효가 됩니다. 내 기기는 언제든, 다른 사람의 기기는 정책이 허용하면 취소할 수 있습니다.',
    options: { yes },
    arguments: { device: '기기 ID, dev_…' },
    examples: [{ run: 'sally device revoke dev_0123456789abcdef', means: '먼저 확인을 받습니다' }],
  },
  sessions: {
    summary: '누가 어느 서버에 있었고, 지금 있는지',
    description: '',
    options: {},
    arguments: {},
    examples: [],
  },
  sessionsLs: {
    summary: '세션 목록을 최근 것부터 봅니다',
    description: '',
    options: { open: '지금 열려 있는 것만', limit: '최대 개수 (50)' },
    arguments: {},
    examples: [{ run: 'sally sessions ls --open', means: '지금 누가 서버에 있는지' }],
  },
  sessionsShow: {
    summary: '세션과 그 안의 채널을 봅니다',
    description: '',
    options: {},
    arguments: { session: sessionId },
    examples: [{ run: 'sally sessions show ses_0123456789abcdef', means: '셸, 명령, 파일 전송, 포워딩 하나하나' }],
  },
  sessionsEnd: {
    summary: '세션을 지금 끝냅니다',
    description: '',
    options: { yes },
    arguments: { session: sessionId },
    examples: [{ run: 'sally sessions end ses_0123456789abcdef', means: '먼저 확인을 받습니다' }],
  },
  play: {
    summary: '세션의 녹화를 이 터미널에서 재생합니다',
    description: '재생하기 전에 녹화를 검증합니다. 변경된 녹화는 재생하지 않습니다.',
    options: { channel, speed: '재생 속도 배수 (1)', idleLimit: '멈춘 시간을 이 초 수까지로 줄입니다' },
    arguments: { session: sessionId },
    examples: [
      { run: 'sally play ses_0123456789abcdef --speed 2 --idle-limit 1', means: '두 배 속도로, 멈춘 시간은 줄여서' },
    ],
  },
  export: {
    summary: '녹화를 asciicast로 내보냅니다',
    description: 'asciinema의 재생기에서 볼 수 있습니다. 읽으면서 녹화를 검증합니다.',
    options: { output: '쓸 파일. -는 표준 출력입니다', channel, force: '파일이 있으면 덮어씁니다' },
    arguments: { session: sessionId },
    examples: [
      { run: 'sally export ses_0123456789abcdef -o session.cast', means: '그런 다음: asciinema play session.cast' },
    ],
  },
  audit: { summary: '감사 로그', description: '', options: {}, arguments: {}, examples: [] },
  auditTail: {
    summary: '최근 이벤트를 봅니다',
    description: '',
    options: {
      follow: '새 이벤트가 생기는 대로 이어서 보여 줍니다. 이 명령이 로그를 읽은 기록은 뺍니다',
      lines: '개수 (20)',
    },
    arguments: {},
    examples: [
      { run: 'sally audit tail -f', means: '일어나는 일을 지켜봅니다' },
      { run: 'sally audit tail -n 1000 --json', means: '저장된 줄 그대로' },
    ],
  },
  auditVerify: {
    summary: '감사 로그가 변조되지 않았는지 검증합니다',
    description:
      '--folder를 쓰면 로그 파일을 오프라인으로 검증합니다. 모든 줄과 해시, 서명된 체크포인트를 확인하고 처음으로 잘못된 곳을 알려 줍니다. 쓰지 않으면 게이트웨이에서 로그 전체를 읽어 트리를 다시 계산하고, 서명된 체크포인트와 이 기기가 마지막으로 본 체크포인트에 비교합니다. 검증되지 않으면 종료 코드는 1입니다.',
    options: {
      folder: '오프라인으로 검증할 로그 폴더',
      key: '체크포인트에 서명하는 공개 키 (지정하지 않으면 이 기기가 고정해 둔 키)',
      checkpoint: '따로 보관한 체크포인트. 로그가 여전히 그것을 담고 있어야 합니다',
    },
    arguments: {},
    examples: [
      { run: 'sally audit verify', means: '네트워크로' },
      { run: 'sally audit verify --folder /var/lib/sallyport/audit', means: '게이트웨이에서, 또는 사본으로' },
      { run: 'sally audit verify --checkpoint last-month.txt', means: '보관해 둔 체크포인트와 비교합니다' },
    ],
  },
  auditProve: {
    summary: '이벤트 하나가 로그에 있음을 증명합니다',
    description:
      '이벤트와 포함 증명, 서명된 체크포인트를 여기에서 확인한 다음 출력합니다. 로그가 없는 제삼자도 검증할 수 있습니다.',
    options: {},
    arguments: { seq: '이벤트 번호' },
    examples: [{ run: 'sally audit prove 42 --json', means: '다른 사람에게 건넬 때' }],
  },
  policy: { summary: '누가 무엇을 할 수 있는지', description: '', options: {}, arguments: {}, examples: [] },
  policyShow: {
    summary: '지금 적용된 정책을 출력합니다',
    description: '',
    options: {},
    arguments: {},
    examples: [{ run: 'sally policy show', means: '정책 본문을 표준 출력으로' }],
  },
  policyCheck: {
    summary: '이 기기에서 정책 파일을 검사합니다',
    description: '오류를 줄 번호와 함께 모두 알려 줍니다. 오류가 있으면 종료 코드는 1입니다.',
    options: {},
    arguments: { file: '정책 파일, Cedar' },
    examples: [{ run: 'sally policy check policy.cedar', means: '적용하기 전에' }],
  },
  policyApply: {
    summary: '정책을 적용합니다',
    description: '먼저 검사합니다. 오류가 하나라도 있으면 전체를 거부하고 예전 정책이 그대로 남습니다.',
    options: { reason: '감사 로그에 남길 이유' },
    arguments: { file: '정책 파일, Cedar. -는 표준 입력입니다' },
    examples: [
      { run: "sally policy apply policy.cedar --reason 'on-call may reach db-1'", means: '지금부터 적용됩니다' },
    ],
  },
  command: { summary: '명령줄이 하게 될 일', description: '', options: {}, arguments: {}, examples: [] },
  commandJudge: {
    summary: '표준 입력의 명령줄을 판정합니다',
    description:
      '줄마다 기본 규칙의 판정(allow, challenge, deny)과 이유를 출력합니다. 아무것도 실행하지 않습니다. 규칙은 docs/command-rules.md에 있습니다.',
    options: {
      rules: '기본 규칙에 더하거나 바꿀 규칙의 JSON 파일',
      login: '명령을 실행할 계정',
      cwd: '명령을 실행할 폴더, 절대 경로',
    },
    arguments: {},
    examples: [{ run: 'sally command judge --json', means: '줄마다 객체 하나, 프로그램용' }],
  },
};
