# A mount namespace of its own with made-up accounts: the machine's /etc is never changed. Arguments: the bed's folder, the uid to run
# the program as (0 stays root), the program. The files of the folder are laid over those of the machine.
set -e
folder=$1 uid=$2
shift 2
for file in passwd group shadow; do mount --bind "$folder/$file" "/etc/$file"; done
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /etc/security/limits.d
cp "$folder/limits.conf" /etc/security/limits.d/bed.conf
[ "$uid" = 0 ] || exec setpriv --reuid="$uid" --regid="$uid" --init-groups --inh-caps=-all -- "$@"
exec "$@"
