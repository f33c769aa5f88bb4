// Korean: what each refusal means. Every code has its words, or it does not compile.

import type { RefusalCode } from '@sallyport/protocol';
import type { AgentRefusalWords } from './words.ts';

type Words = { readonly message: string; readonly hint: string };
const words = (message: string, hint: string): Words => ({ message, hint });

const newLink = '워크스페이스 소유자에게 새 링크를 받아 sally login을 다시 실행하세요';
const newToken = 'sally token create로 새 토큰을 만드세요';
const askAdministrator = '관리자에게 문의하세요';
const tryAgain = '잠시 후 다시 시도하세요';
const joinAgain = '새 토큰으로 이 서버를 다시 등록하세요: sally agent join';
const report = '두 프로그램의 버전과 시계를 확인하고, 계속되면 관리자에게 알리세요';

export const refusalsKo: Readonly<Record<RefusalCode, Words>> = {
  BAD_REQUEST: words(
    '요청의 형식이 올바르지 않습니다',
    '입력을 확인하고, sally와 게이트웨이의 버전이 같은지 확인하세요',
  ),
  NOT_FOUND: words('그런 항목이 없습니다', '이름이나 ID를 확인하세요'),
  TOO_MANY: words('요청이 너무 많습니다', tryAgain),
  NOT_SIGNED_IN: words('로그인되어 있지 않습니다', newLink),
  DEVICE_UNKNOWN: words('게이트웨이가 이 기기를 알지 못합니다', newLink),
  DEVICE_REVOKED: words('이 기기의 등록이 취소되었습니다', newLink),
  PROOF_INVALID: words(
    '이 기기의 키 증명이 확인되지 않았습니다',
    '중간에서 TLS를 검사하는 장비가 있으면 게이트웨이를 예외로 두세요',
  ),
  CODE_INVALID: words('등록 코드가 올바르지 않습니다', '링크를 출력된 그대로 복사했는지 확인하세요'),
  CODE_USED: words('이미 사용된 등록 코드입니다', newLink),
  CODE_EXPIRED: words('등록 코드의 유효 기간이 지났습니다', newLink),
  TOKEN_INVALID: words('등록 토큰이 올바르지 않습니다', '토큰을 출력된 그대로 복사했는지 확인하세요'),
  TOKEN_EXPIRED: words('등록 토큰의 유효 기간이 지났습니다', newToken),
  TOKEN_USED_UP: words('등록 토큰의 사용 횟수를 모두 썼습니다', newToken),
  TOKEN_REVOKED: words('취소된 등록 토큰입니다', newToken),
  LABEL_NOT_ALLOWED: words(
    '토큰이 허용하지 않는 레이블입니다',
    '그 레이블을 빼거나, 레이블을 담은 토큰을 새로 만드세요',
  ),
  NAME_TAKEN: words(
    '이미 쓰이고 있는 이름입니다',
    '--name으로 다른 이름을 정하거나, 예전 서버의 등록을 먼저 취소하세요',
  ),
  CERTIFICATE_INVALID: words('에이전트의 인증서가 올바르지 않습니다', joinAgain),
  CERTIFICATE_EXPIRED: words(
    '에이전트의 인증서가 만료되었습니다',
    '서버의 시계를 확인하고, 그래도 안 되면 다시 등록하세요: sally agent join',
  ),
  SERVER_REVOKED: words('등록이 취소된 서버입니다', joinAgain),
  SERVER_UNKNOWN: words('그런 서버가 없습니다', 'sally ls로 서버 이름을 확인하세요'),
  SERVER_OFFLINE: words(
    '서버가 연결되어 있지 않습니다',
    '서버에서 sally agent status와 sally agent doctor로 확인하세요',
  ),
  POLICY_DENIED: words('정책이 허용하지 않습니다', '필요한 접근이라면 관리자에게 정책 변경을 요청하세요'),
  POLICY_ERROR: words('정책을 판정하지 못해 거부되었습니다', '관리자에게 감사 로그 확인을 요청하세요'),
  POLICY_INVALID: words('정책에 오류가 있어 적용되지 않았습니다', 'sally policy check 파일로 오류를 확인하고 고치세요'),
  POWER_MISSING: words('이 세션에 없는 권한입니다', '필요한 권한이라면 관리자에게 정책 변경을 요청하세요'),
  SESSION_UNKNOWN: words('그런 세션이 없습니다', 'sally sessions ls로 세션 ID를 확인하세요'),
  SESSION_ENDED: words('세션이 끝났습니다', '새 세션을 여세요'),
  LIMIT_REACHED: words('한도에 도달했습니다', '쓰지 않는 세션을 닫거나 잠시 후 다시 시도하세요'),
  AUDIT_UNAVAILABLE: words(
    '감사 로그에 기록할 수 없어 거부되었습니다',
    `${askAdministrator}: 게이트웨이의 디스크를 확인해야 합니다`,
  ),
  RECORDING_UNAVAILABLE: words(
    '세션을 녹화할 수 없어 거부되었습니다',
    `${askAdministrator}: 게이트웨이의 디스크를 확인해야 합니다`,
  ),
  STORE_UNAVAILABLE: words('게이트웨이의 저장소를 쓸 수 없습니다', `${tryAgain}. 계속되면 관리자에게 알리세요`),
  STOPPING: words('게이트웨이가 종료되고 있습니다', tryAgain),
  GRANT_FORGED: words('승인서의 서명이 올바르지 않습니다', report),
  GRANT_WRONG_SERVER: words('다른 서버에 대한 승인서입니다', report),
  GRANT_WRONG_LINK: words('다른 연결에 대한 승인서입니다', '다시 시도하세요'),
  GRANT_EXPIRED: words(
    '승인서의 유효 기간이 지났습니다',
    '다시 시도하고, 계속되면 서버와 게이트웨이의 시계를 확인하세요',
  ),
  GRANT_NOT_YET_VALID: words('아직 유효하지 않은 승인서입니다', '서버와 게이트웨이의 시계를 확인하세요'),
  GRANT_REPLAYED: words('이미 사용된 승인서입니다', '다시 시도하세요'),
  LOGIN_UNKNOWN: words('서버에 그런 계정이 없습니다', '계정 이름을 확인하세요: sally ssh 계정@서버'),
  LOGIN_NOT_ALLOWED: words(
    '이 계정으로는 들어갈 수 없습니다',
    '다른 계정을 쓰거나, 에이전트를 root로 실행해야 하는지 확인하세요',
  ),
  HOST_UNABLE: words('서버가 요청을 처리하지 못했습니다', '서버에서 에이전트의 로그를 확인하세요'),
  DIAL_FAILED: words(
    '서버가 그 주소에 연결하지 못했습니다',
    '주소와 포트, 그리고 대상 서비스가 실행 중인지 확인하세요',
  ),
  LINK_LOST: words('게이트웨이와의 연결이 끊어졌습니다', '네트워크를 확인하고 다시 시도하세요'),
  PROTOCOL_ERROR: words('상대가 요청을 이해하지 못했습니다', 'sally와 게이트웨이, 에이전트의 버전을 맞추세요'),
};

export const agentRefusalsKo: Required<AgentRefusalWords> = {
  NOT_JOINED: words(
    '이 호스트는 아직 등록되지 않았습니다',
    '토큰을 받아 실행하세요: sally agent join URL --token-file 파일',
  ),
  ALREADY_JOINED: words('이미 등록된 호스트입니다', '새로 등록하려면 --force를 쓰고, 예전 서버의 등록을 취소하세요'),
  ALREADY_RUNNING: words('에이전트가 이미 실행 중입니다', '먼저 멈추세요: systemctl stop sallyport-agent'),
  STATE_UNSAFE: words(
    '상태 폴더를 다른 사용자가 쓸 수 있어 믿을 수 없습니다',
    '오류에 나온 대로 소유자와 모드를 고치고, 다시 등록하는 것이 안전합니다',
  ),
  STATE_BROKEN: words('상태 폴더가 손상되었습니다', joinAgain),
  TOKEN_MALFORMED: words(
    '등록 토큰의 형식이 올바르지 않습니다',
    '토큰을 출력된 그대로 한 줄 전체 복사했는지 확인하세요',
  ),
  URL_MALFORMED: words('게이트웨이 주소가 올바르지 않습니다', 'https://gateway.example:8443처럼 쓰세요'),
  GATEWAY_UNREACHABLE: words('게이트웨이에 연결할 수 없습니다', '한 단계씩 점검하세요: sally agent doctor'),
  GATEWAY_UNTRUSTED: words(
    '믿을 수 있는 게이트웨이가 아닙니다',
    '아무것도 보내지 않았습니다. 주소를 확인하고, TLS 검사의 예외로 두거나, 새 토큰을 만드세요',
  ),
  GATEWAY_ANSWER: words(
    'Sallyport 게이트웨이의 응답이 아닙니다',
    '주소가 프록시가 아니라 게이트웨이의 것인지, 버전이 같은지 확인하세요',
  ),
};
