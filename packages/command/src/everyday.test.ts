// Lines an administrator types every day. None of them may be stopped: a guard that cries wolf is switched off.
import { expect, it } from 'vitest';
import { compileRules, defaultRules, judge, unknownContext } from './index.ts';

const lines = String.raw`
ls -la
ls -lh /var/log
cd /srv/app && ls
pwd
df -h
du -sh /var/* | sort -h | tail
du -xh --max-depth=1 / 2>/dev/null | sort -rh | head -20
free -m
uptime
top -b -n 1 | head -20
ps aux | grep nginx
ps -ef --forest
pstree -p
htop
vmstat 1 5
iostat -x 1 3
sar -u 1 3
lsof -i :443
ss -tlnp
netstat -tulpn | grep LISTEN
ip addr
ip route
ping -c 3 example.org
traceroute example.org
dig +short example.org
host example.org
nslookup example.org
curl -I https://example.org
curl -fsS http://localhost:8080/health
curl -s https://api.example.org/v1/items | jq '.items[] | .name'
curl -X POST -H 'content-type: application/json' -d '{"name":"x"}' http://localhost:8080/api
curl -o release.tar.gz https://example.org/release.tar.gz
wget https://example.org/release.tar.gz
wget -q -O - https://example.org/version.txt
uname -r
hostname -f
id
w
who
last -n 10
date
date +%F
timedatectl status
cat /etc/os-release
cat /etc/hosts
cat /etc/passwd
getent passwd deploy
groups deploy
env | grep PATH
echo "$PATH"
export EDITOR=vim
export PATH="$PATH:/opt/tool/bin"
alias ll='ls -la'
history | tail -20
man tar
which python3
type ls
systemctl status nginx
systemctl list-units --failed
sudo systemctl restart nginx
sudo systemctl reload nginx
sudo systemctl start postgresql
sudo systemctl stop myapp
sudo systemctl enable --now myapp
sudo systemctl daemon-reload
service nginx status
sudo service apache2 reload
journalctl -u nginx --since today
journalctl -xe
journalctl -f -n 100
sudo tail -f /var/log/syslog
tail -n 200 /var/log/nginx/access.log
less /var/log/messages
grep -i error /var/log/syslog | tail
zgrep 500 /var/log/nginx/access.log.2.gz
awk '{print $1}' access.log | sort | uniq -c | sort -rn | head
sed -n '10,20p' file.txt
sed -i 's/old/new/g' config.yml
sed 's/a/b/' < in > out
sudo sed -i 's/^worker_processes .*/worker_processes 4;/' /etc/nginx/nginx.conf
cut -d: -f1 /etc/passwd
sort -u names.txt > unique.txt
wc -l *.log
head -c 100 file.bin | xxd
diff -u a.conf b.conf
cp nginx.conf nginx.conf.bak
sudo cp site.conf /etc/nginx/sites-available/site.conf
sudo ln -s /etc/nginx/sites-available/site.conf /etc/nginx/sites-enabled/site.conf
sudo nginx -t && sudo systemctl reload nginx
sudo tee /etc/nginx/conf.d/gzip.conf <<< 'gzip on;'
mv report.txt archive/
mkdir -p /srv/app/releases/42
rm old.log
rm -f *.tmp
rm -rf build/
rm -rf ./node_modules
rm -rf /tmp/build-1234
rm -rf /srv/app/releases/41
rmdir empty
touch marker
ln -sfn /srv/app/releases/42 /srv/app/current
chmod 644 file.txt
chmod +x deploy.sh
chmod -R g+w shared
chmod 600 ~/.ssh/config
chown deploy:deploy file
sudo chown -R www-data:www-data /var/www/site
tar czf backup.tar.gz data/
tar xzf release.tar.gz -C /srv/app
tar tf release.tar.gz
tar -cf - data | gzip > data.tar.gz
zip -r site.zip public
unzip -o site.zip -d /srv/site
gzip -9 old.log
gunzip dump.sql.gz
find . -name '*.log'
find /var/log -name '*.gz' -mtime +30 -delete
find . -type f -mtime -2 -size +1M
find . -name '*.py' -exec grep -n import {} +
find . -type f -print0 | xargs -0 chmod 644
find /srv -type d -empty
find . -name '*.orig' -exec rm {} \;
find . -name node_modules -prune -o -name '*.ts' -print | xargs wc -l
grep -rn "listen" /etc/nginx
grep -r TODO src | wc -l
xargs -a list.txt ls -l
ls *.txt | xargs -n1 basename
for f in *.txt; do mv "$f" "$f.bak"; done
for h in web1 web2 web3; do ssh "$h" uptime; done
for i in {1..5}; do curl -s localhost:8080/health; sleep 1; done
while ! nc -z localhost 5432; do sleep 1; done
while read -r line; do echo "$line"; done < list.txt
if [ -f /etc/debian_version ]; then echo debian; fi
case "$1" in start) echo up;; stop) echo down;; esac
test -d /srv/app || mkdir /srv/app
[ "$(id -u)" -eq 0 ] && echo root
x=$(date +%s); echo "$x"
n=$(ls | wc -l)
ssh web1
ssh -p 2222 deploy@web1.example.org
ssh web1 'df -h /'
ssh -L 5432:localhost:5432 db1
scp app.tar.gz deploy@web1:/srv/app/
scp -r deploy@web1:/srv/app/logs .
rsync -av --delete build/ deploy@web1:/srv/site/
rsync -avz deploy@web1:/var/backups/ /srv/backups/
sftp deploy@web1
ssh-keygen -t ed25519 -C deploy
ssh-keygen -lf ~/.ssh/id_ed25519.pub
cat ~/.ssh/id_ed25519.pub
ssh-copy-id deploy@web1
ssh-add -l
eval "$(ssh-agent -s)"
source ~/.bashrc
. ./venv/bin/activate
source <(kubectl completion bash)
sudo apt update
sudo apt-get update && sudo apt-get upgrade -y
sudo apt install -y htop
sudo apt-get remove -y apache2
dpkg -l | grep nginx
sudo dpkg -i package.deb
sudo yum install httpd
sudo dnf update -y
rpm -qa | grep kernel
pip install -r requirements.txt
pip install --upgrade requests
npm ci
npm run build
node server.js
node -e 'console.log(process.version)'
python3 -m venv venv
python3 -m json.tool < data.json
python3 script.py --verbose
python3 -c 'import sys; print(sys.version)'
perl -pe 's/foo/bar/' file.txt
perl -ne 'print if /x/' file.txt
php -v
make
make install DESTDIR=/srv/pkg
./configure --prefix=/opt/tool && make
./deploy.sh production
bash deploy.sh
sh -c 'echo hello'
bash -c 'cd /srv/app && git pull'
git status
git pull --rebase
git log --oneline -5
git clone https://github.com/example/repo.git
git commit -am 'fix'
git push origin main
git diff HEAD~1
docker ps -a
docker logs -f web
docker exec -it web sh
docker compose up -d
docker-compose restart web
docker build -t app:42 .
docker run --rm -it -v "$PWD":/work alpine ls /work
docker run -d -p 8080:80 nginx
docker images
docker stop web
docker rm web
docker system df
kubectl get pods -A
kubectl logs -f deploy/web
kubectl describe pod web-1
kubectl apply -f deploy.yaml
kubectl rollout restart deploy/web
kubectl exec -it web-1 -- ls /
helm list
terraform plan
aws s3 ls
aws sts get-caller-identity
psql -c 'select count(*) from users'
psql -U app -d app -f migration.sql
mysql -e 'show processlist'
pg_dump app | gzip > app.sql.gz
redis-cli ping
sqlite3 app.db 'select 1'
crontab -l
sudo -u postgres psql -c 'vacuum'
sudo -u deploy git -C /srv/app pull
sudo mkdir /srv/new
sudo vim /etc/nginx/nginx.conf
sudo nano /etc/hosts
vim ~/.bashrc
sudo mount /dev/sdb1 /mnt/data
sudo umount /mnt/data
mount | grep ext4
lsblk
sudo fdisk -l
sudo lvs
kill 1234
kill -HUP 1234
pkill -f worker.py
killall -USR1 nginx
nohup ./worker.sh > worker.log 2>&1 &
timeout 30 curl -s http://localhost:9090/metrics
watch -n 2 'df -h'
time make test
nice -n 10 tar czf big.tgz data
tmux new -s work
screen -list
tee -a notes.txt <<< 'done'
cat <<EOF > app.env.example
PORT=8080
EOF
printf '%s\n' a b c
seq 1 10 | paste -sd+ | bc
yes ok | head -4
openssl x509 -in cert.pem -noout -dates
openssl s_client -connect example.org:443 -servername example.org < /dev/null
openssl rand -hex 16
sha256sum release.tar.gz
md5sum *.iso
base64 logo.png > logo.b64
echo aGVsbG8= | base64 -d
dd if=disk.img of=copy.img bs=4M count=10
truncate -s 0 app.log
logger -t deploy 'release 42'
trap 'rm -f "$tmp"' EXIT
tmp=$(mktemp) && sort file > "$tmp" && mv "$tmp" file
sudo getent group docker
passwd -S deploy
lscpu
lspci | grep -i net
dmesg | tail
sysctl -a | grep swappiness
sudo sysctl -w vm.swappiness=10
ulimit -n
getfacl shared
`;

/** A here-document keeps its lines together. */
const everyday = lines
  .trim()
  .replace(/<<EOF(.*)\n([\s\S]*?)\nEOF/g, (_, rest: string, body: string) => `<<EOF${rest}\u0000${body}\u0000EOF`)
  .split('\n')
  .map((line) => line.replaceAll('\u0000', '\n'));

const rules = compileRules(defaultRules);

it('holds at least two hundred lines', () => {
  expect(everyday.length).toBeGreaterThanOrEqual(200);
});

it.each(everyday)('lets %s pass (CMD-1)', (line) => {
  const { verdict, rules: matched } = judge(line, rules, unknownContext);
  expect(matched.map(({ id }) => id)).toEqual([]);
  expect(verdict).toBe('allow');
});
