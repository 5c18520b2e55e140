#!/bin/bash
# A real WordPress (Debian's package) with its own MariaDB, for tests/browser/real.rs: wordpress.sh FOLDER PORT
# It writes only to FOLDER. The site's mail is in FOLDER/mail.txt; while FOLDER/mail-fails exists, sending mail fails.
# Prints "ready" once it answers. Exits when its standard input closes, or on SIGTERM.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
FOLDER=$(cd "$1" && pwd) PORT=$2
export FOLDER PORT
cd "$FOLDER"

# Each program runs in its own process group, so that its children end with it.
started=() reader=''
start() {
  setsid "$@" > "${1##*/}.log" 2>&1 < /dev/null &
  started+=($!)
}
await() {
  until "$@" > /dev/null 2>&1; do kill -0 "${started[-1]}" || { cat ./*.log >&2; exit 1; }; done
}
end() {
  for group in "${started[@]}"; do kill -- "-$group" 2> /dev/null || true; done
  [ -z "$reader" ] || kill "$reader" 2> /dev/null || true
  wait
}
trap end EXIT
trap exit TERM INT
exec 3<&0

database=(--no-defaults "--socket=$FOLDER/socket")
options=(--no-defaults "--user=$(id -un)" "--datadir=$FOLDER/data")
mariadb-install-db "${options[@]}" --skip-test-db --auth-root-authentication-method=normal > install.txt 2>&1
start mariadbd "${options[@]}" "--socket=$FOLDER/socket" "--pid-file=$FOLDER/pid" --skip-networking \
  --skip-grant-tables --innodb-flush-log-at-trx-commit=0
await mariadb "${database[@]}" -e 'SELECT 1'
mariadb "${database[@]}" -e 'CREATE DATABASE wordpress CHARACTER SET utf8mb4'

mkdir -p content/mu-plugins
cp "$here/contact-form-7-stand-in.php" content/mu-plugins/
cat > wp-config.php <<'PHP'
<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('FOLDER') . '/socket');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', 'http://127.0.0.1:' . getenv('PORT'));
define('WP_SITEURL', WP_HOME);
define('WP_CONTENT_DIR', getenv('FOLDER') . '/content');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define("{$name}_KEY", 'test');
    define("{$name}_SALT", 'test');
}
$table_prefix = 'wp_';
define('ABSPATH', '/usr/share/wordpress/');
require_once ABSPATH . 'wp-settings.php';
PHP
# Does what wp-admin/install.php does when its form is submitted.
cat > install.php <<'PHP'
<?php
$_SERVER += ['HTTP_HOST' => '127.0.0.1:' . getenv('PORT'), 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET',
    'SERVER_PROTOCOL' => 'HTTP/1.1'];
define('WP_INSTALLING', true);
function wp_new_blog_notification() {}
require 'wp-config.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Test', 'admin', 'admin@example.org', false, '', 'password');
update_option('permalink_structure', '/%postname%/');
update_option('disallowed_keys', 'forbidden-word');
flush_rewrite_rules(false);
PHP
php -d display_errors=stderr install.php
# Does what WordPress's index.php does, for every address.
cat > router.php <<'PHP'
<?php
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
require 'wp-config.php';
wp();
require ABSPATH . WPINC . '/template-loader.php';
PHP
cat > sendmail <<'SH'
#!/bin/sh
test ! -e "$FOLDER/mail-fails" && cat >> "$FOLDER/mail.txt"
SH
chmod +x sendmail
PHP_CLI_SERVER_WORKERS=2 start php -d "sendmail_path=$FOLDER/sendmail" -S "127.0.0.1:$PORT" -t content router.php
await curl -sf "http://127.0.0.1:$PORT/wp-json/"

echo ready
cat <&3 > /dev/null &
reader=$!
wait $reader
