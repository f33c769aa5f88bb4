// Which of a client's variables a login's process begins with: those that the grant accepts, less those that no server takes.
// It must never let through a variable that changes how programs are found, loaded or started, whatever a grant says.

import { usualVariables, variableMatcher } from '@sallyport/protocol';

/**
 * What sudo never keeps (env.c, initial_badenv_table), what glibc drops in privileged programs (unsecvars.h), the same for
 * interpreters that came since, and what names the login itself or this product.
 */
const neverTaken = variableMatcher(
  `PATH IFS ENV BASH_* BASHOPTS SHELLOPTS PS4 PROMPT_COMMAND CDPATH GLOBIGNORE FPATH NULLCMD READNULLCMD ZDOTDIR TMPPREFIX FCEDIT
   HISTFILE INPUTRC MAILPATH
   LD_* DYLD_* LDR_* _RLD* SHLIB_PATH LIBPATH GLIBC_TUNABLES MALLOC_* GCONV_PATH GETCONF_DIR HOSTALIASES LOCALDOMAIN LOCPATH NLSPATH
   PATH_LOCALE NIS_PATH RES_OPTIONS RESOLV_* TZDIR TMPDIR TERM TERMINFO* TERMPATH TERMCAP KRB5* AUTHSTATE VAR_ACE USR_ACE DLC_ACE
   OPENSSL_* SSL_CERT_* GTK_MODULES
   NODE_* NPM_CONFIG_* npm_config_* PYTHON* PERL* RUBY* GEM_* BUNDLE_* LUA_* PHP* GOFLAGS GOENV GOROOT JAVA_* _JAVA_* JDK_* CLASSPATH
   DOTNET_* RUSTC* CARGO_* CC CXX MAKEFLAGS AWK* R_*
   EDITOR VISUAL PAGER MANPAGER BROWSER LESS* SUDO_* SYSTEMD_* DBUS_* XDG_* DOCKER_* KUBECONFIG ANSIBLE_* RSYNC_* TAR_OPTIONS
   GIT_*SSH* GIT_*PAGER GIT_*EDITOR GIT_*CMD GIT_EXEC_PATH GIT_CONFIG* GIT_TEMPLATE_DIR GIT_PROXY* GIT_ASKPASS GIT_EXTERNAL_* GIT_DIR
   USER LOGNAME HOME SHELL MAIL PWD OLDPWD SHLVL SSH_* SALLY_*`.split(/\s+/),
);
const isLanguage = variableMatcher(['LANG', 'LC_*']);
const languageValue = /^[A-Za-z0-9_.@:,+= -]{0,128}$/;
const name = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export function acceptedVariables(
  wishes: Readonly<Record<string, string>>,
  acceptEnvironment: readonly string[] = usualVariables,
): Record<string, string> {
  const accepts = variableMatcher(acceptEnvironment);
  const isTaken = ([wish, value]: [string, string]) =>
    name.test(wish) && accepts(wish) && !neverTaken(wish) && isHarmless(wish, value);
  return Object.fromEntries(Object.entries(wishes).filter(isTaken));
}

// A language names files; a value that begins like a function is one to an old bash (CVE-2014-6271).
function isHarmless(wish: string, value: string): boolean {
  return isLanguage(wish) ? languageValue.test(value) : !value.startsWith('()') && !value.includes('\0');
}
