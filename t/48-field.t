# Answers that people met in production, as reported in public; personal details
# are replaced.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest;
use TelephonyCases;

our $vonage = <<'END';
    telephony_catalog vonage {
        error  1  "message=*please wait [ {ms} ] and retry"  RATE_LIMITED
               "Send it again in {ms} milliseconds";
    }
END

our $local = <<'END';
    telephony_catalog voipms {
        scope  $arg_method;
        error  no_did      scope=cancelDID   NUMBER_NOT_FOUND  "The DID is gone already";
        error  invalid_sms scope=deleteSMS   MESSAGE_NOT_FOUND "The SMS is gone already";
    }
END

our $bitrix = <<'END';
    telephony_catalog bitrix {
        code      error;
        message   error_description;
        language  en;
        absent    success;
        error     QUERY_LIMIT_EXCEEDED  RATE_LIMITED;
    }
END

run_tests();

__DATA__

=== TEST 1: TotalVoice, an unlisted text without accents: the code's general row carries it
--- catalogs: codes totalvoice
--- provider: totalvoice
--- cases
/api/chamada 403 {"status":403,"sucesso":false,"motivo":8,"mensagem":"Numero nao permitido durante o trial. Use o 999999999999 ou Ative seu Cadastro em http:\/\/api.example\/painel .","dados":null} -> error PERMISSION_DENIED 403 exact
    provider.message: Numero nao permitido durante o trial. Use o 999999999999 ou Ative seu Cadastro em http://api.example/painel .
    detail: The vendor denies permission.
/api/chamada/2 405 {"status":405,"sucesso":false,"motivo":11,"mensagem":"Numero nao permitido durante o trial. Use o 999999999999 ou Ative seu Cadastro em http:\/\/api.example\/painel .","dados":null} -> error INVALID_PARAMETER 400 exact
    provider.code: PARAMETRO_INVALIDO
--- no_error_log
unmapped code
partly mapped code



=== TEST 2: Nexmo, the wait is in the text: brackets are plain, the end is trimmed to compare and not to show
--- catalogs: codes vonage
--- http_config eval: $::vonage
--- provider: vonage
--- cases_bodies eval
my $sms = '{"message-count":"1","messages":[{"to":"15550100","status":"1","error-text":"%s","network":"310260"}]}';
{ ms => sprintf($sms, 'Throughput Rate Exceeded - please wait [ 702 ] and retry'),
  none => sprintf($sms, 'Throughput Rate Exceeded - please wait and retry'),
  mt => sprintf($sms, 'Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 1000 ] COUNT [ 30 ]  ] ') }
--- cases
200 @ms -> error RATE_LIMITED 429 message
    provider.message: Throughput Rate Exceeded - please wait [ 702 ] and retry
    retryable: true
200 @none -> error RATE_LIMITED 429 exact
200 @mt -> error RATE_LIMITED 429 exact



=== TEST 3: Bitrix24, a 503 that is a rate limit, and the same code under 200
--- catalogs: codes
--- http_config eval: $::bitrix
--- provider: bitrix
--- upstream_routes eval
my %limit = (headers => [ 'Retry-After: 1' ], body => '{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}');
{ '/api/a' => { %limit, status => '503 Service Unavailable' }, '/api/b' => { %limit } }
--- request eval: [ 'GET /api/a', 'GET /api/b' ]
--- error_code eval: [ 429, 429 ]
--- response_headers eval
[ "Telephony-Code: RATE_LIMITED\nTelephony-Retryable: true\nRetry-After: 1",
  "Telephony-Code: RATE_LIMITED\nRetry-After: 1\nCache-Control: no-store" ]
--- envelope eval
[ "provider.status: 503\nretryable: true\ndetail: Too many requests", "provider.status: 200" ]



=== TEST 4: VoIP.ms, deleting what is gone is told by the method, in a block of one's own
--- catalogs: codes voipms
--- http_config eval: $::local
--- provider: voipms
--- cases
/api/1?method=cancelDID 200 {"status":"no_did"} -> error NUMBER_NOT_FOUND 404 exact
/api/2?method=getDIDsInfo 200 {"status":"no_did"} -> notice NO_RESULTS 200 exact
/api/3?method=deleteSMS 200 {"status":"invalid_sms"} -> error MESSAGE_NOT_FOUND 404 exact
