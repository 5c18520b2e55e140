<?php
/*
 * Plugin Name: Stand-in for Contact Form 7 (tests only)
 * Takes forms at Contact Form 7's REST route and answers in the order and with the codes of that plugin's public source,
 * in words of its own. Everything around it is WordPress: routing, CORS, reading the form, judging addresses and words, mail.
 */

const PLEDGE_USUAL = ['your-name' => 'text*', 'your-email' => 'email*', 'your-message' => 'text', 'role' => 'text'];

/* What each form asks, a star where it must be there, and its settings. */
const PLEDGE_FORMS = [
    12 => [PLEDGE_USUAL, ''],
    13 => [PLEDGE_USUAL + ['terms' => 'acceptance'], ''],
    14 => [PLEDGE_USUAL + ['your-subject' => 'text*'], ''],
    15 => [PLEDGE_USUAL, 'subscribers_only'],
    16 => [PLEDGE_USUAL, 'aborted'],
];
const PLEDGE_ROLES = ['Nurse & midwife', 'Doctor'];
const PLEDGE_LONGEST = 400;

add_action('rest_api_init', fn () => register_rest_route('contact-form-7/v1', '/contact-forms/(?P<id>\d+)/feedback', [
    'methods' => 'POST',
    'callback' => 'pledge_feedback',
    'permission_callback' => '__return_true',
]));

function pledge_feedback(WP_REST_Request $request) {
    $no = fn (string $code, int $status) => new WP_Error("wpcf7_$code", 'Plugin words', ['status' => $status]);
    if (!str_starts_with((string) $request->get_header('Content-Type'), 'multipart/form-data')) {
        return $no('unsupported_media_type', 415);
    }
    // Not $request['id']: that is a posted field of this name, where there is one.
    $id = (int) $request->get_url_params()['id'];
    if (!isset(PLEDGE_FORMS[$id])) {
        return $no('not_found', 404);
    }
    $tag = (string) $request['_wpcf7_unit_tag'];
    if ($tag === '') {
        return $no('unit_tag_not_found', 400);
    }
    // WordPress puts a backslash before each quote of what is posted, as PHP once did.
    [$status, $invalid] = pledge_submit($id, wp_unslash($_POST));
    $fields = array_map(fn (string $name) => ['field' => $name, 'message' => 'Plugin words', 'idref' => null, 'error_id' => "$tag-ve-$name"], $invalid);
    return ['contact_form_id' => $id, 'status' => $status, 'message' => 'Plugin words', 'into' => "#$tag", 'invalid_fields' => $fields];
}

/* The status, and the names of the fields that are wrong. */
function pledge_submit(int $id, array $posted): array {
    [$asked, $setting] = PLEDGE_FORMS[$id];
    if ($setting === 'subscribers_only' && !is_user_logged_in()) {
        return ['error', []];
    }
    $is_wrong = function (string $name) use ($asked, $posted): bool {
        $value = trim($posted[$name] ?? '');
        return match (true) {
            $value === '' => str_ends_with($asked[$name], '*'),
            $name === 'your-email' => !is_email($value),
            $name === 'role' => !in_array($value, PLEDGE_ROLES, true),
            default => mb_strlen($value) > PLEDGE_LONGEST,
        };
    };
    $invalid = array_values(array_filter(array_keys($asked), $is_wrong));
    $all = implode("\n", $posted);
    return match (true) {
        $invalid !== [] => ['validation_failed', $invalid],
        isset($asked['terms']) && empty($posted['terms']) => ['acceptance_missing', []],
        wp_check_comment_disallowed_list('', '', '', $all, $_SERVER['REMOTE_ADDR'], $_SERVER['HTTP_USER_AGENT'] ?? '') => ['spam', []],
        $setting === 'aborted' => ['aborted', []],
        default => [pledge_mail($id, $posted) ? 'mail_sent' : 'mail_failed', []],
    };
}

function pledge_mail(int $id, array $posted): bool {
    $json = wp_json_encode($posted, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    return wp_mail('staff@example.org', "Form $id", $json, ['From: form@example.org']);
}
