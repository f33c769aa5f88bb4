// Names that several rules are about: places of a Unix system, and services that guard it.

const systemRoots = ['/{bin,boot,dev,etc,home,lib,lib32,lib64,opt,proc,root,run,sbin,srv,sys,usr,var,mnt,media}'];

/** Whose owner and mode nobody changes as a whole. */
export const systemFolders = [
  '/',
  '/\\*',
  ...systemRoots,
  '/{bin,boot,dev,etc,home,lib,lib64,root,sbin,usr,var}/\\*',
  '/usr/{bin,sbin,lib,lib64,share}',
  '/var/{lib,log,spool}',
];

export const systemTrees = [
  '/',
  '/\\*',
  '/.\\*',
  ...systemRoots,
  '/{bin,boot,dev,etc,home,lib,lib64,opt,root,sbin,srv,sys,usr,var}/{\\*,.\\*,.[!.]\\*}',
  '/{bin,boot,lib,lib64,sbin}/*',
  '/usr/{bin,sbin,lib,lib64,share,local,libexec,include}',
  '/usr/{bin,sbin,lib,lib64}/*',
  '/var/{lib,log,spool,www,mail,backups,cache}',
];

export const programFolders = ['/{bin,sbin,lib,lib32,lib64,boot}/**', '/usr/{bin,sbin,lib,lib32,lib64,libexec}/**'];

export const accountFiles = [
  '/etc/{passwd,shadow,group,gshadow,master.passwd,passwd-,shadow-,subuid,subgid,login.defs}',
];

export const passwordHashes = [
  '/etc/{shadow,gshadow,shadow-,gshadow-,master.passwd,spwd.db,shadow.bak,security/opasswd}',
  '/var/lib/sss/{db,secrets}/**',
  '/var/db/dslocal/**',
  '/etc/krb5.keytab',
  '**/*.keytab',
  '/var/lib/samba/private/**',
];

export const privateKeys = [
  '**/.ssh/{id_*,*.pem,*.key,identity}',
  '**/.ssh',
  '**/.gnupg/**',
  '**/.gnupg',
  '/etc/ssl/private/**',
  '/etc/pki/**/private/**',
  '/etc/letsencrypt/{live,archive}/**/privkey*.pem',
  '/etc/ssh/ssh_host_*_key',
  '**/.aws/{credentials,cli/**,sso/**}',
  '**/.aws',
  '**/.kube/config',
  '**/.docker/config.json',
  '**/{.netrc,.pgpass,.my.cnf,.git-credentials,.vault-token,.npmrc,.pypirc,.s3cfg,.boto,.htpasswd,.env,.env.*}',
  '**/.config/{gcloud,doctl,gh,hub,rclone,op,sops,age}/**',
  '**/.azure/**',
  '**/.oci/{config,sessions/**,*.pem}',
  '**/.local/share/keyrings/**',
  '**/*.kdbx',
  '/etc/NetworkManager/system-connections/**',
  '/etc/wireguard/**',
  '/tmp/krb5cc_*',
  '/var/run/secrets/**',
  '/run/secrets/**',
  '/var/lib/{kubelet,rancher,etcd}/**',
  '/etc/kubernetes/**/*.{conf,key}',
  '/etc/{rancher,kubernetes}/**/*.{yaml,conf,key}',
];

export const browserStores = [
  '**/.mozilla/**',
  '**/.config/{google-chrome,chromium,BraveSoftware,microsoft-edge,opera}/**',
  '**/.config/{google-chrome,chromium,BraveSoftware,microsoft-edge,opera}',
  '**/{places.sqlite,logins.json,key4.db,cookies.sqlite,Login Data}',
  '**/.thunderbird/**',
];

export const shellHistories = [
  '$HISTFILE',
  '$\\{HISTFILE*',
  '**/{.bash_history,.zsh_history,.ash_history,.sh_history,.history,.mysql_history,.psql_history,.python_history,.node_repl_history,.sqlite_history,.rediscli_history,.lesshst,.viminfo}',
  '**/.local/share/fish/fish_history',
];

export const systemLogs = [
  '/var/log/{syslog,messages,auth.log,secure,kern.log,cron,cron.log,maillog,mail.log,daemon.log,user.log,debug,boot.log,faillog,tallylog,lastlog,wtmp,btmp,utmp,sudo.log,security,utx.*,ufw.log,dpkg.log,yum.log,dmesg}*',
  '/var/log/{audit,journal,sudo-io,sa,samba,sallyport}/**',
  '/var/log/{audit,journal,sudo-io}',
  '/var/log',
  '/var/{log,audit}/\\*',
  '/{var/run,run}/{utmp,log/journal/**}',
  '/var/adm/**',
  '/private/var/{log,audit}/**',
  '/Library/Logs/**',
];

export const startupFiles = [
  '**/{.bashrc,.bash_profile,.bash_login,.bash_logout,.bash_aliases,.profile,.zshrc,.zprofile,.zshenv,.zlogin,.zlogout,.kshrc,.cshrc,.tcshrc,.login,.logout,.shrc,.xinitrc,.xprofile,.xsession,.xsessionrc,.inputrc,.vimrc,.exrc,.pam_environment}',
  '**/.config/fish/**',
  '**/.config/{autostart,autostart-scripts,plasma-workspace/env}/**',
];

export const machineStartup = [
  '/etc/{profile,bashrc,bash.bashrc,csh.login,csh.cshrc,zshrc,zprofile,environment,rc.local,rc.common,inittab,crypttab}',
  '/etc/{profile.d,zsh,skel,xdg/autostart,X11/Xsession.d,update-motd.d,init.d,init,rc.d,rc*.d,local.d,runlevels}/**',
  '/usr/local/etc/{profile,rc.d/**,rc.conf}',
  '/etc/{systemd,init.d,rc.d}/**',
  '/{lib,usr/lib,usr/local/lib,run}/systemd/**',
  '**/.config/systemd/**',
  '**/{LaunchAgents,LaunchDaemons,StartupItems}/**',
  '/etc/{rc.conf,rc.conf.local}',
];

export const triggerFiles = [
  '/etc/{udev/rules.d,NetworkManager/dispatcher.d,networkd-dispatcher,dhcp,ppp,network,apt/apt.conf.d,dpkg/dpkg.cfg.d,yum/pluginconf.d,dnf/plugins,acpi,modules-load.d,modprobe.d,binfmt.d,polkit-1,dbus-1,xinetd.d,logrotate.d,snmp,emond.d,kernel,grub.d,periodic}/**',
  '/etc/{modules,inetd.conf,xinetd.conf,hosts.equiv,hosts.allow,hosts.deny,nsswitch.conf,ld.so.conf,default/grub}',
  '/etc/ld.so.conf.d/**',
  '/lib/udev/rules.d/**',
  '/usr/share/polkit-1/**',
  '**/.git/hooks/**',
  '**/{site-packages,dist-packages}/**/*.pth',
  '**/{sitecustomize,usercustomize}.py',
  '**/.rhosts',
  '/usr/share/initramfs-tools/**',
  '/usr/local/etc/{periodic,devd}/**',
];

export const scheduleFiles = [
  '/etc/{crontab,anacrontab,at.allow,at.deny,cron.allow,cron.deny}',
  '/etc/cron*/**',
  '/var/spool/{cron,at,anacron}/**',
  '/var/cron/**',
  '/usr/lib/cron/**',
];

export const openFolders = ['/{tmp,var/tmp,dev/shm,run/shm,run/lock,var/lock,var/crash,private/tmp}/**'];

/** Services and packages whose end makes a machine blind or open. */
export const guards = [
  '{auditd,rsyslog,syslog,syslogd,syslog-ng,rsyslogd,systemd-journald,systemd-journald.socket,journald,klogd}',
  '{apparmor,selinux*,fail2ban*,sshguard,denyhosts,ufw,firewalld,iptables*,ip6tables*,nftables*,pf,ipfw,shorewall}',
  '*{falcon,crowdstrike,cbdaemon,cbagent,carbonblack,sentinelone,sentinel,mdatp,wdavdaemon,sophos,sav-protect,clamav,clamd,freshclam,eset,esets,symantec,trendmicro,ds_agent,mcafee,mfe,traps,cortex,cylance,nessus,qualys,tanium,rapid7}*',
  '*{osquery,wazuh,ossec,falco,sysmon,tripwire,aide,samhain,suricata,snort,zeek,auoms,omsagent,filebeat,auditbeat,splunk,td-agent,fluentd,fluent-bit,vector,sallyport,sysdig,tetragon,elastic-agent,elastic-endpoint}*',
];

export const guardFiles = [
  '/etc/{audit,audisp,selinux,apparmor,apparmor.d,ufw,firewalld,nftables*,iptables*,fail2ban,rsyslog.d,syslog-ng,security,sallyport,falco,osquery,aide}/**',
  '/etc/{rsyslog.conf,syslog.conf,nftables.conf,libaudit.conf,newsyslog.conf,aide.conf,tripwire,ipf.rules,pf.conf,rc.firewall,auditd.conf,sysconfig/iptables,sysconfig/selinux}',
  '/etc/default/{ufw,auditd,rsyslog,apparmor,fail2ban}',
  '/etc/systemd/journald.conf*',
  '/etc/systemd/journald.conf.d/**',
  '/opt/{CrowdStrike,sentinelone,carbonblack,sophos*,McAfee,microsoft/mdatp,splunk*,sallyport}/**',
  '/usr/lib/systemd/systemd-journald*',
  '/sys/fs/selinux/**',
  '/sys/kernel/security/**',
];
