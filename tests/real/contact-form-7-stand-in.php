<?php
/*
 * Plugin Name: Stand-in for Contact Form 7 (tests only)
 * Accepts forms at Contact Form 7's REST routes. It checks in the order and answers with the codes of the plugin's
 * public source, but with its own texts. The rest is WordPress: routing, CORS, parsing forms, validating addresses,
 * sending mail.
 *
 * It behaves like version "5.7" (5.7.7) or "6.1" (6.1.6) of the plugin: ?plugin=5.7 at the end of the address (or
 * &plugin=5.7 after ?rest_route=) chooses it, else the constant PLEDGE_PLUGIN, else it is 6.1. If only one place is
 * named below, both versions do the same. Places are FILE:LINE at the tags v5.7.7 and v6.1.6 of
 * github.com/rocklobster-in/contact-form-7.
 *
 * Not modelled: files, pipes, free text, several tags of one name, add-ons, the order of several wrong fields.
 */

const PLEDGE_ROLES = ['Nurse & midwife', 'Doctor'];
const PLEDGE_USUAL = [
    'your-name' => ['text*'],
    'your-email' => ['email*'],
    'your-message' => ['textarea', 'maxlength' => 400],
    'role' => ['select', 'values' => PLEDGE_ROLES],
];
const PLEDGE_TERMS = ['acceptance', 'content' => 'The terms of the form'];

/* The fields of each form (name => type and options), and its additional settings. */
const PLEDGE_FORMS = [
    12 => [PLEDGE_USUAL],
    13 => [PLEDGE_USUAL + ['terms' => PLEDGE_TERMS]],
    // Like a new form of the plugin: the subject is required (contact-form-template.php:30-31).
    14 => [PLEDGE_USUAL + ['your-subject' => ['text*']]],
    15 => [PLEDGE_USUAL, 'subscribers_only'],
    16 => [PLEDGE_USUAL, 'aborted'],
    17 => [PLEDGE_USUAL + ['terms' => PLEDGE_TERMS + ['optional' => true]]],
    18 => [PLEDGE_USUAL + ['terms' => PLEDGE_TERMS + ['invert' => true]]],
    19 => [PLEDGE_USUAL + ['terms' => PLEDGE_TERMS], 'acceptance_as_validation'],
    20 => [PLEDGE_USUAL, 'demo_mode'],
    21 => [PLEDGE_USUAL, 'skip_mail'],
    // The limits that the plugin sets if the form has none, and one that the form sets.
    22 => [['your-name' => ['text*', 'minlength' => 3], 'your-email' => ['email*'], 'your-message' => ['textarea*']]],
    23 => [PLEDGE_USUAL + [
        'newsletter' => ['checkbox', 'values' => ['1']],
        'colour' => ['radio', 'values' => ['red', 'blue']],
    ]],
    24 => [PLEDGE_USUAL, 'captcha'],
    25 => [PLEDGE_USUAL + ['question' => ['quiz']]],
];

add_action('rest_api_init', function () {
    $route = fn (string $path, string $method, string $callback, string $may = '__return_true') => register_rest_route(
        'contact-form-7/v1',
        $path,
        ['methods' => $method, 'callback' => $callback, 'permission_callback' => $may],
    );
    // Digits only: with the hash that [contact-form-7 id="a1b2c3d"] shows since 5.8, WordPress itself answers 404
    // rest_no_route (includes/rest-api.php:108; the hash: 6.1.6 includes/contact-form.php:1368-1371).
    $route('/contact-forms/(?P<id>\d+)/feedback', 'POST', 'pledge_feedback');
    $route('/contact-forms/(?P<id>\d+)/feedback/schema', 'GET', 'pledge_schema');
    // The form itself is for editors: a request without /feedback is refused (includes/rest-api.php:54-87).
    $route('/contact-forms/(?P<id>\d+)', 'GET, POST, PUT, PATCH', 'pledge_schema', 'pledge_may_edit');
    $route('/contact-forms', 'GET, POST', 'pledge_schema', 'pledge_may_edit');
});

function pledge_error(string $code, int $status): WP_Error {
    return new WP_Error("wpcf7_$code", 'Plugin words', ['status' => $status]);
}

function pledge_may_edit(): bool|WP_Error {
    return current_user_can('edit_posts') ?: pledge_error('forbidden', 403);
}

function pledge_version(WP_REST_Request $request): string {
    $requested = $request->get_query_params()['plugin'] ?? (defined('PLEDGE_PLUGIN') ? PLEDGE_PLUGIN : '6.1');
    return $requested === '5.7' ? '5.7' : '6.1';
}

/* Returns the rules of a form, which are public (5.7.7 includes/rest-api.php:402-423, 6.1.6 :414-435). */
function pledge_schema(WP_REST_Request $request): array|WP_Error {
    $form = PLEDGE_FORMS[(int) $request->get_url_params()['id']] ?? null;
    if ($form === null) {
        return pledge_error('not_found', 404);
    }
    $rules = pledge_rules($form[0], pledge_version($request));
    $rules = array_map(fn (array $rule) => $rule + ['error' => 'Plugin words'], $rules);
    return ['version' => 'Stand-in', 'locale' => 'en_US', 'rules' => $rules];
}

/* 5.7.7 includes/rest-api.php:328-399, 6.1.6 :333-411. */
function pledge_feedback(WP_REST_Request $request): array|WP_Error {
    $version = pledge_version($request);
    if (!str_starts_with((string) $request->get_header('Content-Type'), 'multipart/form-data')) {
        return pledge_error('unsupported_media_type', 415); // 5.7.7 :331-336, 6.1.6 :336-341
    }
    // Not $request['id']: a posted field of this name would override it (5.7.7 :338-343, 6.1.6 :343-348).
    $id = (int) $request->get_url_params()['id'];
    if (!isset(PLEDGE_FORMS[$id])) {
        return pledge_error('not_found', 404); // 5.7.7 :346-351, 6.1.6 :351-356
    }
    // Any text is valid after cleaning (5.7.7 includes/formatting.php:263-266, 6.1.6 :275-278).
    $tag = preg_replace('/[^A-Za-z0-9_-]/', '', (string) $request['_wpcf7_unit_tag']);
    if ($tag === '' && $version !== '5.7') {
        return pledge_error('unit_tag_not_found', 400); // 6.1.6 :362-367; since 5.8.7, so not in 5.7.7
    }
    $result = pledge_submit($id, $version, $tag);
    // The same members in both versions (5.7.7 :364-387, 6.1.6 :376-399). 5.5 and older name the field in `into` alone.
    $fields = array_map(
        fn (string $name) => [
            'field' => $name, 'message' => 'Plugin words', 'idref' => null, 'error_id' => "$tag-ve-$name",
        ],
        $result['invalid_fields'] ?? [],
    );
    return array_merge($result, ['into' => "#$tag", 'invalid_fields' => $fields]);
}

/* The answer without the members that the REST route adds: 5.7.7 includes/contact-form.php:1026-1065, 6.1.6 :1053-1092. */
function pledge_submit(int $id, string $version, string $tag): array {
    $setting = PLEDGE_FORMS[$id][1] ?? '';
    $result = ['contact_form_id' => $id];
    // No posted_data_hash here (5.7.7 :1034-1046, 6.1.6 :1062-1073). Sending needs the capability `read`, which every
    // registered user has (includes/capabilities.php:14).
    if ($setting === 'subscribers_only' && !current_user_can('read')) {
        return $result + ['status' => 'error', 'message' => 'Plugin words'];
    }
    $posted = pledge_posted($version);
    [$status, $invalid] = pledge_proceed($id, $version, $posted);
    $result += ['status' => $status, 'message' => 'Plugin words'];
    if ($status === 'validation_failed') {
        $result['invalid_fields'] = $invalid;
    }
    // Empty if the visitor's input was refused (5.7.7 includes/submission.php:184-194, 6.1.6 :190-200).
    $has_hash = !in_array($status, ['validation_failed', 'acceptance_missing', 'spam'], true);
    $hashed = serialize([ceil(time() / 1800), $_SERVER['REMOTE_ADDR'], $tag, $posted]);
    $result['posted_data_hash'] = $has_hash ? wp_hash($hashed) : '';
    // Present whatever the status is (5.7.7 includes/contact-form.php:1058-1060, 6.1.6 :1085-1087). In demo mode, no
    // mail is sent and Flamingo stores nothing (modules/flamingo.php: 5.7.7 :15-17, 6.1.6 :17-19).
    return $setting === 'demo_mode' ? $result + ['demo_mode' => true] : $result;
}

/*
 * Returns the posted values, except those whose names begin with an underscore. The form need not have such fields
 * (5.7.7 includes/submission.php:373-379, 6.1.6 :351-361). WordPress adds a backslash before each quote; this removes
 * it.
 * 6.1 trims white space at both ends (6.1.6 :417-425), 5.7 does not (5.7.7 :469-478).
 */
function pledge_posted(string $version): array {
    $posted = array_filter($_POST, fn ($name) => !str_starts_with((string) $name, '_'), ARRAY_FILTER_USE_KEY);
    $clean = fn ($value) => $version === '5.7' ? (string) $value : pledge_strip((string) $value);
    return map_deep(wp_unslash($posted), $clean);
}

/* Trims Unicode white space at both ends (6.1.6 includes/formatting.php:621-653). */
function pledge_strip(string $text): string {
    return (string) preg_replace('/^[\p{Z}\s\x{FEFF}]+|[\p{Z}\s\x{FEFF}]+$/u', '', $text);
}

/* Returns the status and the names of the invalid fields: 5.7.7 includes/submission.php:82-126, 6.1.6 :90-134. */
function pledge_proceed(int $id, string $version, array $posted): array {
    [$tags, $setting] = PLEDGE_FORMS[$id] + [1 => ''];
    $invalid = pledge_invalid($tags, $setting, $version);
    return match (true) {
        $invalid !== [] => ['validation_failed', $invalid],
        pledge_unaccepted($tags, $version) !== [] => ['acceptance_missing', []],
        pledge_is_spam($posted, $setting) => ['spam', []],
        $setting === 'aborted' => ['aborted', []],
        // Both report that mail was sent although it was not (5.7.7 includes/contact-form.php:1028-1031 and
        // includes/submission.php:783-789, 6.1.6 :1055-1059 and :729-735).
        in_array($setting, ['demo_mode', 'skip_mail'], true) => ['mail_sent', []],
        default => [pledge_mail($id, $version, $posted) ? 'mail_sent' : 'mail_failed', []],
    };
}

/* Returns the rules of the fields, as the public schema shows them. */
function pledge_rules(array $tags, string $version): array {
    $rules = [];
    foreach ($tags as $name => $tag) {
        $base = rtrim($tag[0], '*');
        $rule = function (string $rule, array $more = []) use (&$rules, $name) {
            $rules[] = ['rule' => $rule, 'field' => $name] + $more;
        };
        // A radio button is always required (5.7.7 modules/checkbox.php:194-207, 6.1.6 :203-211).
        if (str_ends_with($tag[0], '*') || $base === 'radio') {
            $rule('required');
        }
        if ($base === 'email') {
            $rule('email'); // modules/text.php: 5.7.7 :122-129, 6.1.6 :121-128
        }
        // Only one choice, and only a listed one: since 5.9 (6.1.6 modules/checkbox.php:213-223 and :295-303,
        // modules/select.php:208-216). 5.7 accepts any text as a choice.
        if ($version !== '5.7' && isset($tag['values'])) {
            if ($base === 'radio') {
                $rule('maxitems', ['threshold' => 1]);
            }
            $rule('enum', ['accept' => $tag['values']]);
        }
        if (isset($tag['minlength'])) {
            $rule('minlength', ['threshold' => $tag['minlength']]); // modules/text.php: 5.7.7 :149-157, 6.1.6 :148-156
        }
        // The default limit since 5.9.7 is 400 for a line and 2000 for an area (6.1.6 modules/text.php:158-166,
        // modules/textarea.php:120-128); 5.7.7 has none (modules/text.php:159-167, modules/textarea.php:122-130).
        $usual = $version === '5.7' ? null : (['text' => 400, 'email' => 400, 'textarea' => 2000][$base] ?? null);
        if (($most = $tag['maxlength'] ?? $usual) !== null) {
            $rule('maxlength', ['threshold' => $most]);
        }
    }
    return $rules;
}

/*
 * Returns the names of the fields that break a rule, each once (5.7.7 includes/submission.php:613-643, 6.1.6 :557-587).
 * Only the rule `required` applies to an empty field (5.7.7 includes/swv/rules/, 6.1.6 includes/swv/php/rules/). The
 * answer does not name the rule.
 */
function pledge_invalid(array $tags, string $setting, string $version): array {
    $invalid = [];
    foreach (pledge_rules($tags, $version) as $rule) {
        if (!pledge_is_valid($rule, pledge_values($rule['field'], $version))) {
            $invalid[] = $rule['field'];
        }
    }
    foreach ($tags as $name => $tag) {
        // Only a visitor who sees the form can answer correctly (5.7.7 modules/quiz.php:98-118, 6.1.6 :98-116).
        $answer = wp_hash(strtolower(implode(pledge_values($name, $version))), 'wpcf7_quiz');
        if ($tag[0] === 'quiz' && !hash_equals((string) ($_POST["_wpcf7_quiz_answer_$name"] ?? ''), $answer)) {
            $invalid[] = $name;
        }
    }
    // modules/acceptance.php: 5.7.7 :115-135, 6.1.6 :119-140
    $unaccepted = $setting === 'acceptance_as_validation' ? pledge_unaccepted($tags, $version) : [];
    return array_values(array_unique(array_merge($invalid, $unaccepted)));
}

/*
 * Returns the non-empty texts of a field. 5.7 keeps WordPress's backslashes before quotes (5.7.7
 * includes/swv/rules/required.php:22-25), so it counts them and accepts no email address with an apostrophe. 6.1
 * removes them and trims white space (6.1.6 includes/swv/php/abstract-rules.php:81-89, rules/required.php:22-25).
 */
function pledge_values(string $name, string $version): array {
    $values = [];
    $raw = [$_POST[$name] ?? ''];
    array_walk_recursive($raw, function ($value) use (&$values, $version) {
        $values[] = $version === '5.7' ? (string) $value : pledge_strip(wp_unslash((string) $value));
    });
    return array_values(array_filter($values, fn (string $value) => $value !== ''));
}

function pledge_is_valid(array $rule, array $values): bool {
    // UTF-16 code units; a line break counts as one (5.7.7 includes/functions.php:472-497, 6.1.6 :434-460).
    $units = function (string $value): int {
        $value = str_replace("\r\n", "\n", $value);
        return preg_match_all('/./su', $value) + preg_match_all('/[\x{10000}-\x{10FFFF}]/u', $value);
    };
    $length = fn () => array_sum(array_map($units, $values));
    $none = fn (callable $is_wrong) => array_filter($values, $is_wrong) === [];
    return match ($rule['rule']) {
        'required' => $values !== [],
        'email' => $none(fn (string $value) => !is_email($value)),
        'enum' => $none(fn (string $value) => !in_array($value, $rule['accept'], true)),
        'maxitems' => count($values) <= $rule['threshold'],
        'minlength' => $values === [] || $length() >= $rule['threshold'],
        'maxlength' => $length() <= $rule['threshold'],
    };
}

/*
 * Whether a box is ticked. Every text ticks it except "" and "0", even "refused" and "no" (5.7.7
 * modules/acceptance.php:152,
 * 6.1.6 :155). White space alone ticks it in 5.7 but not in 6.1 (includes/functions.php:729-749).
 */
function pledge_is_ticked(string $name, string $version): bool {
    $raw = $_POST[$name] ?? '';
    return $version === '5.7' || is_array($raw) ? !empty($raw) : (bool) pledge_strip(wp_unslash((string) $raw));
}

/* Returns the boxes that stop the form: 5.7.7 modules/acceptance.php:142-177, 6.1.6 :147-182. */
function pledge_unaccepted(array $tags, string $version): array {
    $is_wrong = fn (array $tag, string $name) => $tag[0] === 'acceptance'
        && empty($tag['optional'])
        && pledge_is_ticked($name, $version) === !empty($tag['invert']);
    return array_keys(array_filter($tags, $is_wrong, ARRAY_FILTER_USE_BOTH));
}

/* 5.7.7 includes/submission.php:681-719, 6.1.6 :625-665; the answer does not say why. */
function pledge_is_spam(array $posted, string $setting): bool {
    $agent = $_SERVER['HTTP_USER_AGENT'] ?? '';
    // reCAPTCHA or Turnstile, if the site uses them for all its forms and there is no token
    // (modules/recaptcha/recaptcha.php:
    // 5.7.7 and 6.1.6 :122-164; modules/turnstile/turnstile.php: 6.1.6 :144-185, not in 5.7.7).
    if (strlen($agent) < 2 || $setting === 'captcha') {
        return true;
    }
    // The words that WordPress disallows in comments. The plugin also finds them inside other words and in any case, in
    // any posted value, if they have 2 to 256 bytes (modules/disallowed-list.php: 5.7.7 :5-80, 6.1.6 :5-81).
    $values = [];
    array_walk_recursive($posted, function ($value) use (&$values) {
        $values[] = $value;
    });
    $all = implode("\n", [...$values, $_SERVER['REMOTE_ADDR'], $agent]);
    foreach (explode("\n", trim((string) get_option('disallowed_keys'))) as $word) {
        $word = trim($word);
        if (strlen($word) >= 2 && strlen($word) <= 256 && preg_match('#' . preg_quote($word, '#') . '#i', $all)) {
            return true;
        }
    }
    return false;
}

/*
 * Sends the mail: here each posted value, as a mail shows it if the form's Mail tab names it in brackets. A box shows
 * whether it was ticked (5.7.7 modules/acceptance.php:201-235, 6.1.6 :214-247). In 6.1 any text counts for that, even
 * "0", because the box's values are a list there (6.1.6 :15 and includes/submission.php:381-382). `_consents` lists the
 * boxes that Flamingo stores as consents (5.7.7 modules/acceptance.php:160-162, 6.1.6 :163-165).
 */
function pledge_mail(int $id, string $version, array $posted): bool {
    $shown = array_map(fn ($value) => is_array($value) ? implode(', ', $value) : $value, $posted);
    $consents = [];
    foreach (array_filter(PLEDGE_FORMS[$id][0], fn (array $tag) => $tag[0] === 'acceptance') as $name => $tag) {
        $value = $posted[$name] ?? '';
        $shown[$name] = ($version === '5.7' ? !empty($value) : $value !== '') ? 'consented' : 'not consented';
        if (pledge_is_ticked($name, $version)) {
            $consents[] = $name;
        }
    }
    $flags = JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
    $json = wp_json_encode($shown + ['_consents' => $consents], $flags);
    return wp_mail('staff@example.org', "Form $id", $json, ['From: form@example.org']);
}
