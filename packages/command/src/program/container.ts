// Containers, clusters, virtual machines, and the command lines of cloud providers and secret stores.

import { join, known, unknown, type Value } from '../shell/value.ts';
import { type Call, isWord, lineOf, type Program, type Programs } from './program.ts';

const runValues =
  'v volume mount name e env env-file p publish network net pid ipc uts userns u user w workdir entrypoint m memory cpus cap-add cap-drop device security-opt h hostname l label restart add-host link cidfile tmpfs ulimit platform pull log-driver log-opt gpus group-add shm-size dns cgroupns';

/** What of the host a container gets: each is a way out of it. */
function escapes(call: Call): readonly string[] {
  const line = lineOf(call.words);
  const found: string[] = [];
  if (call.has('privileged') && !/--privileged=false/.test(line)) found.push('privileged');
  for (const option of ['pid', 'ipc', 'uts', 'userns', 'network', 'net', 'cgroupns']) {
    if (call.value(option)?.text === 'host' && option !== 'network' && option !== 'net') found.push(`host ${option}`);
  }
  for (const { text } of call.valuesOf('v', 'volume', 'mount')) {
    const source = /(?:^|,)(?:src|source)=([^,]+)/.exec(text)?.[1] ?? text.split(':')[0] ?? '';
    if (
      /^\/(?:$|etc|root|boot|dev|proc|sys|usr|bin|sbin|lib|home|var\/run|run|var\/lib\/(?:docker|kubelet)|var\/log|host)?(?:\/|$)/.test(
        source,
      ) &&
      !/^\/(?:home|var\/log|etc\/(?:localtime|timezone|ssl|nginx|hosts|resolv))/.test(source)
    )
      found.push(`host folder ${source}`);
  }
  for (const { text } of call.valuesOf('cap-add'))
    if (
      /^(?:ALL|(?:CAP_)?(?:SYS_ADMIN|SYS_PTRACE|SYS_MODULE|DAC_READ_SEARCH|DAC_OVERRIDE|SYS_RAWIO|NET_ADMIN|BPF))$/i.test(
        text,
      )
    )
      found.push(`capability ${text}`);
  for (const { text } of call.valuesOf('security-opt')) if (/unconfined|disable/.test(text)) found.push(text);
  if (call.has('device')) found.push('host device');
  return found;
}

function runContainer(call: Call): undefined {
  const [image, ...words] = call.operands;
  for (const found of escapes(call)) call.emit('container', image ?? 'a container', `reaches the host: ${found}`);
  call.emit('container', image ?? 'a container', 'run');
  if (words.length > 0 && escapes(call).length > 0) call.run(words, { login: 'root', cwd: '/' });
}

const under = (detail: string, values = ''): Program => ({
  values,
  stopsAtOperand: true,
  effects: (call) => call.emit('container', lineOf(call.operands.slice(0, 3)) || 'containers', detail),
});

const asks: Program = {};

const containers: Program = {
  values: 'H host c context l log-level config',
  stopsAtOperand: true,
  subcommands: {
    run: { values: runValues, stopsAtOperand: true, effects: runContainer },
    create: { values: runValues, stopsAtOperand: true, effects: runContainer },
    exec: {
      values: 'e env u user w workdir detach-keys',
      stopsAtOperand: true,
      effects: (call) => {
        const words = call.operands.slice(1);
        call.emit(
          'container',
          call.operands[0] ?? 'a container',
          call.has('privileged') ? 'reaches the host: privileged' : 'command inside',
        );
        if (words.length > 1) call.run(words, { cwd: '/', isElsewhere: true });
      },
    },
    rm: under('removed'),
    rmi: under('removed'),
    kill: under('stopped'),
    stop: under('stopped', 't time'),
    system: {
      effects: (call) =>
        isWord(call.operands[0], 'prune') ? call.emit('container', 'everything unused', 'removed') : undefined,
    },
    volume: {
      effects: (call) =>
        isWord(call.operands[0], 'rm', 'prune') ? call.emit('container', lineOf(call.operands), 'removed') : undefined,
    },
    cp: {
      effects: (call) => {
        const [source, target] = call.operands;
        if (source !== undefined && !source.text.includes(':')) call.emit('read', source);
        if (target !== undefined && !target.text.includes(':')) call.emit('write', target, 'copy');
      },
    },
    build: under('built', 't tag f file build-arg'),
    save: under('saved', 'o output'),
    export: under('saved', 'o output'),
    load: under('loaded', 'i input'),
    import: under('loaded'),
    commit: under('built'),
    push: { effects: (call) => call.emit('upload', call.operands[0] ?? 'a registry', 'image') },
    login: {
      values: 'u p username password',
      effects: (call) => {
        if (call.has('p', 'password')) call.emit('password', 'registry', 'in the command line');
      },
    },
    container: {
      subcommands: {
        run: { values: runValues, stopsAtOperand: true, effects: runContainer },
        rm: under('removed'),
        prune: under('removed'),
      },
    },
    ps: asks,
    images: asks,
    logs: asks,
    inspect: asks,
  },
};

function kubectl(call: Call): Value | undefined {
  const [verb, kind] = call.operands;
  const line = lineOf(call.operands);
  const all = lineOf(call.words);
  if (/hostPID|hostPath|privileged"?\s*:\s*true|hostNetwork/.test(all))
    call.emit('container', line, 'reaches the host: pod');
  if (isWord(verb, 'get', 'describe') && /^secrets?\b/.test(kind?.text ?? ''))
    call.emit('cloud', 'cluster secrets', 'secrets');
  if (isWord(verb, 'delete', 'drain', 'cordon', 'taint', 'replace', 'scale'))
    call.emit('container', line, verb?.text === 'delete' ? 'removed' : 'changed');
  if (isWord(verb, 'create', 'apply') && /\bcron\w*/.test(all))
    call.emit('schedule', 'cluster cron job', all.slice(0, 256));
  if (isWord(verb, 'apply', 'create', 'patch', 'edit', 'set', 'label', 'annotate', 'run', 'expose')) {
    const isRole = /clusterrole|rolebinding|serviceaccount|cluster-admin/.test(all);
    const file = call.value('f', 'filename');
    if (file !== undefined && file.text !== '-') call.emit('read', file);
    if (file !== undefined && /^https?:/.test(file.text)) call.emit('download', file);
    call.emit(isRole ? 'cloud' : 'container', line, isRole ? 'rights changed' : 'changed');
  }
  if (isWord(verb, 'exec', 'debug', 'attach')) {
    call.emit('container', kind ?? 'a pod', 'command inside');
    const at = call.words.findIndex(({ text }) => text === '--');
    const words = at < 0 ? [] : call.words.slice(at + 1);
    if (words.length > 1) call.run(words, { cwd: '/', isElsewhere: true });
  }
  if (isWord(verb, 'port-forward', 'proxy')) call.emit('listen', 'kubectl', 'forward tunnel');
  if (isWord(verb, 'cp')) call.emit('container', line, 'files copied');
  return isWord(verb, 'completion') ? unknown('', 'generated') : unknown('', 'network');
}

const cloudSecrets =
  /\b(?:get-secret-value|get-parameters?(?:-by-path)?|decrypt|get-session-token|assume-role|get-login-password|get-credentials|batch-get-secret-value|secrets?\s+versions\s+access|keyvault\s+secret\s+(?:show|list)|print-access-token|get-access-token|account\s+get-access-token|create-access-key|get-password-data|get-federation-token)\b/;
const identity =
  /\b(?:iam|ad|organizations|identitystore|secretsmanager|cloudtrail|guardduty|securityhub|configservice|role|policy|keyvault|directory)\b/;
const cloudChanges =
  /\b(?:(?:run|terminate|stop|start|create|delete|put|update|modify|attach|detach|add|remove|authorize|revoke|enable|disable|deregister|reset|associate|import|set|destroy|grant|insert|deploy|rm|mb|rb|share|restore)(?:-[a-z-]+)?|create|delete|remove|stop)\b/;

function cloud(call: Call): Value {
  const line = lineOf(call.words);
  const words = lineOf(call.operands.slice(0, 4));
  if (cloudSecrets.test(line)) call.emit('cloud', line.slice(0, 256), 'secrets');
  else if (
    /\b(?:cp|sync|mv|upload|rsync)\b/.test(words) &&
    /\b(?:s3|gs|storage|gsutil|az|azcopy|b2|oss)\b/.test(`${call.name} ${words}`)
  ) {
    const target = call.operands.at(-1) ?? known(call.name);
    const isUp = /^(?:s3|gs|az|https?|b2|oss):/.test(target.text) || /upload/.test(words);
    call.emit(isUp ? 'upload' : 'download', target, 'cloud storage');
  } else if (cloudChanges.test(words)) call.emit('cloud', line.slice(0, 256), 'changed');
  else call.emit('survey', identity.test(words) ? 'cloud accounts' : 'cloud');
  return unknown('', 'network');
}

function vault(call: Call): Value {
  const line = lineOf(call.operands);
  const isRead =
    /\b(?:read|get|unwrap|print\s+token|kv\s+get|show|decrypt|reveal|export|dump|search|lookup)\b|^(?:ls|find|grep)?\s*$/.test(
      line,
    );
  call.emit('cloud', `${call.name} ${line}`.slice(0, 256), isRead ? 'secrets' : 'asked');
  return unknown('', 'file');
}

const infrastructure: Program = {
  effects: (call) => {
    const line = lineOf(call.words);
    if (/\b(?:destroy|apply|up|install|upgrade|uninstall|delete|rollback)\b/.test(line))
      call.emit(
        'cloud',
        `${call.name} ${line}`.slice(0, 256),
        /destroy|delete|uninstall/.test(line) ? 'changed' : 'deployed',
      );
  },
};

const machines: Program = {
  effects: (call) => {
    const [verb] = call.operands;
    const line = lineOf(call.operands);
    if (/^(?:destroy|undefine|shutdown|reset|delete|vol-delete|snapshot-delete)$/.test(verb?.text ?? ''))
      call.emit('power', 'virtual machine', line);
    if (
      /^(?:exec|launch|init|create)$/.test(verb?.text ?? '') &&
      /privileged=true|raw\.lxc|disk source=\//.test(lineOf(call.words))
    )
      call.emit('container', line, 'reaches the host: privileged');
    if (/^config\s+device\s+add\b.*\bsource=\//.test(line))
      call.emit('container', line, 'reaches the host: host folder');
  },
};

export const containerPrograms: Programs = {
  docker: containers,
  podman: containers,
  nerdctl: containers,
  ctr: {
    effects: (call) => {
      if (/\brun\b/.test(lineOf(call.operands)))
        call.emit(
          'container',
          lineOf(call.operands),
          call.has('privileged') || /type=bind,src=\//.test(lineOf(call.words)) ? 'reaches the host: bind' : 'run',
        );
    },
  },
  crictl: {
    effects: (call) => {
      if (/^(?:exec|rm|stop)/.test(call.operands[0]?.text ?? ''))
        call.emit('container', lineOf(call.operands), 'changed');
    },
  },
  'docker-compose': { values: 'f file p', subcommands: { down: { when: { v: ['container', 'volumes', 'removed'] } } } },
  kubectl: {
    values: 'n namespace f filename c container context kubeconfig o output l selector s server token as image',
    effects: kubectl,
  },
  oc: { values: 'n namespace f filename c', effects: kubectl },
  lxc: machines,
  incus: machines,
  virsh: machines,
  VBoxManage: machines,
  aws: { values: 'region profile output query', effects: cloud },
  gcloud: { effects: cloud },
  gsutil: { effects: cloud },
  az: { effects: cloud },
  azcopy: { effects: cloud },
  doctl: { effects: cloud },
  oci: { effects: cloud },
  openstack: { effects: cloud },
  ibmcloud: { effects: cloud },
  s3cmd: {
    effects: (call) =>
      isWord(call.operands[0], 'put', 'sync')
        ? call.emit('upload', call.operands.at(-1) ?? 's3', 'cloud storage')
        : undefined,
  },
  mc: {
    effects: (call) =>
      isWord(call.operands[0], 'cp', 'mirror')
        ? call.emit('upload', call.operands.at(-1) ?? 's3', 'cloud storage')
        : undefined,
  },
  ldapadd: { does: [['account', 'directory entries', 'changed']] },
  ldapmodify: { does: [['account', 'directory entries', 'changed']] },
  ldapdelete: { does: [['account', 'directory entries', 'removed']] },
  terraform: infrastructure,
  tofu: infrastructure,
  pulumi: infrastructure,
  helm: infrastructure,
  vault: { effects: vault },
  bao: { effects: vault },
  pass: { effects: vault },
  gopass: { effects: vault },
  op: { effects: vault },
  bw: { effects: vault },
  lpass: { effects: vault },
  'secret-tool': { effects: vault },
  kwallet: { effects: vault },
  'kwallet-query': { effects: vault },
  'gnome-keyring': { effects: vault },
  security: { effects: vault },
  keyctl: { effects: vault },
  ansible: {
    values: 'a args m i u l',
    effects: (call) => {
      const code = call.value('a', 'args');
      if (code !== undefined && /^(?:shell|command|raw)$/.test(call.value('m')?.text ?? 'command'))
        call.shell(join([code]));
    },
  },
};
