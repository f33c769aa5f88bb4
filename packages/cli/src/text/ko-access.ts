// Korean: the commands a person works with.

import type { accessCommandsEn } from './en-access.ts';
import type { Text } from './text.ts';

export const accessCommandsKo: Pick<Text['command'], keyof typeof accessCommandsEn> = {
  root: {
    summary: '사람과 AI 에이전트를 위한 제로 트러스트 서버 접근',
    description:
      'Sallyport는 포트를 열지 않은 서버에 접속합니다. 모든 세션은 게이트웨이를 지나며 인증, 정책 판정, 녹화, 기록을 거칩니다.\n\n`sally login 링크`로 시작한 다음 `sally ls`와 `sally ssh 서버`를 써 보세요.',
    options: { version: '버전을 출력합니다', help: '도움말을 출력합니다' },
    arguments: { command: '설명을 볼 명령' },
    examples: [
      { run: "sally login 'https://gateway.example:8443/enrol#CODE'", means: '받은 링크로 이 기기를 등록합니다' },
      { run: 'sally ls', means: '서버 목록을 봅니다' },
      { run: 'sally ssh deploy@web-1', means: 'web-1에 deploy 계정으로 셸을 엽니다' },
      { run: 'sally ssh-config --write', means: 'ssh, scp, rsync, 편집기에서도 쓸 수 있게 합니다' },
    ],
  },
  help: { summary: '명령을 설명합니다', description: '', options: {}, arguments: {}, examples: [] },
  common: {
    summary: '',
    description: '',
    options: {
      json: '프로그램이 읽을 수 있게 JSON으로 출력합니다',
      profile: '이 기기에 프로필이 여러 개일 때 쓸 프로필 (또는 SALLY_PROFILE)',
      lang: '표시 언어: en 또는 ko (지정하지 않으면 LANG을 따릅니다)',
    },
    arguments: {},
    examples: [],
  },
  login: {
    summary: '이 기기를 게이트웨이에 등록합니다',
    description:
      '이 기기에서 키를 만들고 일회용 링크나 코드로 게이트웨이에 등록합니다. 키는 기기를 벗어나지 않으며 비밀번호는 없습니다. 링크에는 게이트웨이의 지문이 들어 있어 다른 게이트웨이가 대신 응답할 수 없습니다.\n\n링크를 주지 않으면 화면에 보이지 않게 입력받습니다. -를 주면 표준 입력에서 읽습니다.',
    options: {
      codeFile: '링크나 코드를 파일에서 읽습니다. -는 표준 입력입니다',
      name: '이 기기의 이름 (지정하지 않으면 호스트 이름)',
      force: '이미 있는 프로필을 바꿉니다',
    },
    arguments: { link: '등록 링크, 또는 --code-file과 함께 쓸 게이트웨이 주소' },
    examples: [
      {
        run: "sally login 'https://gateway.example:8443/enrol#CODE'",
        means: '셸에서 #은 주석이므로 링크를 따옴표로 감쌉니다',
      },
      { run: 'sally login --code-file link.txt', means: '링크가 프로세스 목록에 나타나지 않게 합니다' },
      { run: 'sally login - --profile work', means: '표준 입력에서 링크를 읽어 별도의 프로필에 등록합니다' },
    ],
  },
  logout: {
    summary: '게이트웨이를 잊고 이 기기의 키를 삭제합니다',
    description:
      '이 기기에서 프로필과 개인 키를 삭제합니다. 게이트웨이의 기기 목록에는 남지만 키가 없으면 아무도 쓸 수 없습니다.',
    options: { yes: '묻지 않고 진행합니다' },
    arguments: {},
    examples: [{ run: 'sally logout --profile work', means: '여러 게이트웨이 가운데 하나를 잊습니다' }],
  },
  status: {
    summary: '내가 누구인지, 어디에 어떤 보호로 연결되었는지 보여 줍니다',
    description:
      '--verbose를 쓰면 실제로 협상된 값을 출력합니다. 모든 값은 살아 있는 연결에서 읽은 것으로, 이 기기가 본 값과 게이트웨이가 본 값을 함께 보여 줍니다.',
    options: { verbose: '실제로 협상된 값' },
    arguments: {},
    examples: [
      { run: 'sally status', means: '내가 누구인지, 게이트웨이가 응답하는지' },
      { run: 'sally status --verbose', means: '전송, 암호화, 키 교환, 신원' },
    ],
  },
  ls: {
    summary: '서버 목록을 봅니다',
    description: '',
    options: { label: '이 레이블이 있는 서버만, 이름=값 형식, 여러 번 쓸 수 있습니다' },
    arguments: {},
    examples: [
      { run: 'sally ls', means: '모든 서버' },
      { run: 'sally ls --label env=prod --json', means: '운영 서버만, 프로그램이 읽을 수 있게' },
    ],
  },
  ssh: {
    summary: '서버에서 셸을 열거나 명령줄을 실행합니다',
    description:
      '-- 뒤의 단어들은 공백으로 이어져 ssh와 같이 그 계정의 셸이 실행합니다. 없으면 셸이 열립니다. 종료 코드는 셸이나 명령의 것이고, 시그널로 끝났으면 128에 시그널 번호를 더한 값입니다.\n\n줄의 맨 앞에서 ~.는 연결을 끊고 ~?는 설명을 보여 줍니다. 계정을 쓰지 않으면 이 기기의 로그인 이름을 씁니다.',
    options: { tty: '명령을 실행할 때도 터미널을 요청합니다', noTty: '터미널을 요청하지 않습니다' },
    arguments: { destination: '서버 이름, @ 앞에 계정' },
    examples: [
      { run: 'sally ssh web-1', means: '내 로그인 이름으로 셸을 엽니다' },
      { run: 'sally ssh deploy@web-1', means: 'deploy 계정으로 셸을 엽니다' },
      { run: "sally ssh web-1 -- 'df -h | sort'", means: '셸 연산자가 들어 있는 명령줄' },
      { run: 'sally ssh -t web-1 -- top', means: '터미널이 필요한 명령' },
    ],
  },
  exec: {
    summary: '서버 하나 또는 여러 서버에서 명령을 실행합니다',
    description:
      "-- 뒤의 단어들은 준 그대로 명령에 전달되고, 서버의 셸은 아무것도 해석하지 않습니다. 파이프와 리디렉션이 필요하면 sally ssh를 쓰거나 -- sh -c '명령줄'로 실행하세요.\n\n서버가 하나면 표준 입력, 출력, 오류가 바이트 그대로 전달되고 종료 코드는 명령의 것입니다. 여러 서버면 표준 입력은 닫히고 결과 표가 나옵니다. 이때 종료 코드는 모든 명령이 0으로 끝나면 0, 아니면 그 가운데 가장 큰 값입니다. 거부했거나 연결되지 않은 서버는 sally가 그 이유에 쓰는 종료 코드로 셉니다.",
    options: {
      label: '연결된 서버 가운데 이 레이블이 있는 모든 서버, 이름=값 형식, 여러 번 쓸 수 있습니다',
      login: '계정 없이 이름만 준 서버에 쓸 계정',
      parallel: '한 번에 몇 대에서 실행할지 (8)',
    },
    arguments: { destination: '서버들, 각각 @ 앞에 계정' },
    examples: [
      { run: 'sally exec web-1 -- systemctl status nginx', means: '서버 하나에서' },
      { run: 'sally exec --label env=prod --login deploy -- uptime', means: '모든 운영 서버에서' },
      { run: "sally exec web-1 db-1 -- sh -c 'df -h | tail -1'", means: '두 서버에서, 파이프를 써서' },
    ],
  },
  proxy: {
    summary: 'SSH 연결 하나를 나릅니다 (ssh의 ProxyCommand)',
    description:
      '표준 입력과 출력을 게이트웨이의 SSH 입구에 연결합니다. `sally ssh-config --write`를 실행해 두면 ssh가 알아서 시작합니다.',
    options: {},
    arguments: { host: '서버 이름, 워크스페이스 도메인은 있어도 없어도 됩니다' },
    examples: [{ run: 'sally proxy web-1.acme.sally', means: 'ssh가 실행하는 형태' }],
  },
  sshConfig: {
    summary: 'ssh, scp, sftp, rsync, git, 편집기가 Sallyport를 지나게 합니다',
    description:
      'ssh_config(5) 블록을 출력합니다. --write를 쓰면 별도의 파일에 저장하고 ~/.ssh/config 맨 위에 Include 한 줄을 한 번만 추가합니다. 그러면 `ssh 계정@서버.워크스페이스.sally`가 호스트 키를 묻지 않고 동작합니다.',
    options: { write: '출력하지 않고 파일에 씁니다' },
    arguments: {},
    examples: [
      { run: 'sally ssh-config', means: '먼저 내용을 봅니다' },
      { run: 'sally ssh-config --write', means: '파일에 씁니다' },
    ],
  },
  completion: {
    summary: '셸의 자동 완성 스크립트를 출력합니다',
    description: '명령, 옵션, 서버 이름을 완성해 줍니다.',
    options: {},
    arguments: { shell: 'bash, zsh, fish 가운데 하나' },
    examples: [
      { run: 'sally completion bash', means: 'source <(sally completion bash)' },
      { run: 'sally completion zsh', means: 'source <(sally completion zsh)' },
      { run: 'sally completion fish', means: 'sally completion fish | source' },
    ],
  },
};
