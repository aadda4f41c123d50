# sentence=always: a row's own sentence stands before the vendor's English text.

use lib 't/lib';
use TelephonyTest;

our $acme = <<'END';
    telephony_catalog acme {
        code      c;
        message   text;
        language  en;
        success   0;
        error     1  NOT_FOUND  "Ours";
        error     2  NOT_FOUND  "Ours"  sentence=always;
        error     3  sentence=always  "message=no such {what}"
                  NOT_FOUND  "There is no {what}";
        error     3  NOT_FOUND  "Ours"  sentence=always;
        error     4  status=2xx  sentence=always  NOT_FOUND  "Below 400";
        error     5x bad_*  sentence=always  NOT_FOUND  "A class, a pattern";
        notice    6  sentence=always  NO_RESULTS  "Nothing";
        absent    sentence=always  INTERNAL  "No code at all";
        status    418  sentence=always  NOT_FOUND  "A teapot";
    }
    telephony_catalog russian {
        code      c;
        message   text;
        language  ru;
        error     1  sentence=always  NOT_FOUND  "Ours";
    }
END

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('catalogs', 'codes');
    $block->set_value('http_config', $acme . ($block->http_config // ''));

    return if defined $block->config;

    $block->set_value('provider', $block->of // 'acme');
    $block->set_value('location', 'add_header X-Detail $telephony_detail always;');
    $block->set_value('request', 'GET /api/');
});

run_tests();

__DATA__

=== TEST 1: without it the vendor's English text is the detail
--- upstream_body: {"c":1,"text":"Theirs"}
--- error_code: 404
--- envelope
detail: Theirs
message: Theirs
provider.message: Theirs



=== TEST 2: with it the row's sentence is; the vendor's text stays the provider's
--- upstream_body: {"c":2,"text":"Theirs"}
--- error_code: 404
--- response_headers
X-Detail: Ours
--- envelope
detail: Ours
message: Ours
provider.message: Theirs



=== TEST 3: what a message captures fills it
--- upstream_body: {"c":3,"text":"No such number"}
--- error_code: 404
--- envelope
detail: There is no number
provider.message: No such number
provider.match: message



=== TEST 4: of several rows the one that is found decides
--- upstream_body: {"c":3,"text":"Something else"}
--- error_code: 404
--- envelope
detail: Ours
provider.match: exact



=== TEST 5: beside another option
--- upstream_body: {"c":4,"text":"Theirs"}
--- error_code: 404
--- envelope
detail: Below 400



=== TEST 6: all codes of a row, whatever they are
--- upstream_body: {"c":"bad_luck","text":"Theirs"}
--- error_code: 404
--- envelope
detail: A class, a pattern
provider.match: pattern



=== TEST 7: a notice
--- upstream_body: {"c":6,"text":"Theirs"}
--- response_headers
Telephony-Code: NO_RESULTS
X-Detail: Nothing



=== TEST 8: a row for no code
--- upstream_body: {"text":"Theirs"}
--- error_code: 500
--- envelope
detail: No code at all
provider.match: absent



=== TEST 9: a row for an HTTP status
--- upstream_status: 418
--- upstream_body: {"c":77,"text":"Theirs"}
--- error_code: 404
--- envelope
detail: A teapot
provider.match: status



=== TEST 10: where the vendor's text is not English the sentence is the detail anyway
--- of: russian
--- upstream_body: {"c":1,"text":"Theirs"}
--- error_code: 404
--- envelope
detail: Ours



=== TEST 11: a row of an extension has its own say
--- http_config
telephony_catalog acme {
    error  2  NOT_FOUND  "Local";
}
--- upstream_body: {"c":2,"text":"Theirs"}
--- error_code: 404
--- envelope
detail: Theirs



=== TEST 12: explain shows it, of the row and of those that did not apply
--- config
location = /explain {
    telephony_errors_explain acme;
}
--- request
POST /explain
{"c":3,"text":"Theirs"}
--- json
detail: Ours
provider_message: Theirs
sentence: always
tried.0.message: no such {what}
tried.0.sentence: always



=== TEST 13: explain says nothing of it where a row has none
--- config
location = /explain {
    telephony_errors_explain acme;
}
--- request
POST /explain
{"c":1,"text":"Theirs"}
--- json
detail: Theirs
sentence:
