// Variables that decide what other programs do. Setting one of them is an effect; setting any other is not.

const steering =
  /^(?:LD_(?:PRELOAD|LIBRARY_PATH|AUDIT)|HIST\w+|PROMPT_COMMAND|BASH_ENV|ENV|PS4|PATH|IFS|TMOUT|GIT_(?:SSH|SSH_COMMAND|EXTERNAL_DIFF|PAGER|EDITOR|ASKPASS)|SSH_ASKPASS|SUDO_ASKPASS|PYTHON(?:STARTUP|PATH|INSPECT)|PERL5(?:OPT|LIB|DB)|RUBYOPT|NODE_OPTIONS|JAVA_TOOL_OPTIONS|(?:https?|all)_proxy|(?:HTTPS?|ALL)_PROXY|KUBECONFIG|DOCKER_HOST|SSLKEYLOGFILE|BASH_FUNC_.*|ELECTRON_RUN_AS_NODE|AWS_\w*(?:KEY|TOKEN)\w*|MANPAGER|PAGER|LESSOPEN|EDITOR|VISUAL)$/;

export function isSteering(name: string): boolean {
  return steering.test(name);
}
