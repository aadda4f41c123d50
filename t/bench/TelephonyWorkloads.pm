package TelephonyWorkloads;

# What the vendors answer in the bench, and the proxies that are compared.

use strict;
use warnings;

use Exporter qw(import);
use IO::Compress::Gzip qw(gzip);

use TelephonyBench qw($root $work $module $modules $vendor_port
                      write_file);

our @EXPORT_OK = qw(workloads vendor_http proxy);

my @providers = qw(voipms totalvoice fonedynamics mango words);

# A vendor that answers in words: what it says fits the last of five patterns.

my $words = <<'END';
    telephony_catalog words {
        text ~ "<Code>\\s*(?<code>[0-9]+)\\s*</Code>";
        text ~ "<status>(?<code>[0-9]+)</status>";
        text ~ "(?m)^ERR: *(?<code>[0-9]+),? *(?<message>.*)$";
        text ~ "\\A(?<code>-?[0-9]{1,3})\\s*(?:\\n|\\z)";
        text ~ "(?m)^(?<code>OK|FAILED): *(?<message>.*?) *$";

        success OK;
        error   FAILED INVALID_PARAMETER "A parameter is not valid";
    }
END

my $entry = '{"date":"2026-11-20 10:15:00","callerid":"5551234567",'
            . '"destination":"5557654321","description":"Inbound DID",'
            . '"duration":"00:01:30","seconds":"90","rate":"0.00900000"}';

my $wording = 'j\u00e1 existe um ramal 4001 cadastrado';


# A list of about "size" bytes between a beginning and an end.

sub list {
    my ($begin, $end, $size, $exactly) = @_;

    my $n = int(($size - length("$begin$end")) / (length($entry) + 1));
    my $list = join ',', ($entry) x $n;
    my $pad = $exactly ? $size - length("$begin$list$end") : 0;

    return $begin . $list . ' ' x $pad . $end;
}


# name, URI (its first part is the provider), body, and perhaps status,
# headers of the request, connections, the budget by time or, "instructions",
# by callgrind.  "off" is asked of the location where the module is off.

sub workloads {
    my $window = 8192;

    my @list = (
        { name => 'success, 150 bytes',
          uri => '/voipms/success-150', budget => 1.05,
          body => '{"status":"success","balance":{"current_balance":'
                  . '"104.25000","spent_total":"1875.02","calls_total":"1520",'
                  . '"time_total":"5:08:21","spent_today":"0.26"}}' },
        { name => 'error, 32 bytes',
          uri => '/voipms/error-32', budget => 1.12,
          body => '{ "status" : "invalid_did" }    ' },
        { name => 'error, 150 bytes',
          uri => '/fonedynamics/error-150', status => 400, budget => 1.12,
          body => '{"ResponseStatus":{"ErrorCode":"PARAMETER_REQUIRED",'
                  . '"Message":"CountryCode is required.","Errors":'
                  . '[{"FieldName":"CountryCode","Message":"required"}]}}' },
        { name => 'error by template',
          uri => '/totalvoice/ramal/error', status => 405, budget => 1.12,
          body => '{"status":405,"sucesso":false,"motivo":11,"mensagem":'
                  . "\"ramal inv\\u00e1lido, $wording\"}" },
        { name => 'success, 80 KB, code first', instructions => 1.03,
          uri => '/voipms/success-80k', budget => 1.03,
          body => list('{"status":"success","cdr":[', ']}', 80 * 1024) },
        { name => 'success, 8 MB, code first', instructions => 1.03,
          uri => '/voipms/success-8m', budget => 1.03, connections => 2,
          body => list('{"status":"success","cdr":[', ']}', 8 << 20) },
        { name => 'success, 80 KB, no code',
          uri => '/mango/list-80k', budget => 1.05,
          body => list('[', ']', 80 * 1024) },
        { name => 'success, 8 KB, code last',
          uri => '/voipms/last-8k', budget => 1.40,
          body => list('{"cdr":[', '],"status":"success"}', $window, 1) },
        { name => 'gzip, success, 1 KB', gzip => 1,
          uri => '/voipms/gzip-success', budget => 1.35,
          body => list('{"status":"success","cdr":[', ']}', 1024, 1) },
        { name => 'gzip, error, 1 KB', gzip => 1,
          uri => '/voipms/gzip-error', budget => 1.35,
          body => list('{"status":"invalid_did","trace":[', ']}', 1024, 1) },
        { name => 'text, success, 30 bytes',
          uri => '/words/success-30', budget => 1.15,
          body => 'OK: 4f1c, accepted for 1 route' },
        { name => 'text, error, 30 bytes',
          uri => '/words/error-30', budget => 1.15,
          body => 'FAILED: the number is too long' },
        { name => 'text, 8 MB',
          uri => '/words/text-8m', budget => 1.03, connections => 2,
          body => 'a line of a report, which has no code' . "\n" x 3
                  . "2026-11-20 10:15:00;5551234567;90;0.00900000\n" x 186_413 },
        { name => 'binary, 8 MB',
          uri => '/words/binary-8m', budget => 1.03, connections => 2,
          body => join('', map { pack 'C', $_ * 167 % 256 } 1 .. 256) x 32_768 },
    );

    for my $w (@list) {
        $w->{headers} = ['Accept-Encoding: gzip'] if $w->{gzip};

        my $file = "$work/vendor/html$w->{uri}";
        write_file($file, $w->{body});

        if ($w->{gzip}) {
            gzip(\$w->{body}, \my $packed, -Time => 0);
            write_file("$file.gz", $packed);
        }
    }

    return @list;
}


# The upstream: another nginx, which answers from files or from memory.

sub vendor_http {
    my (@workloads) = @_;

    my $errors = join '', map {
        "        location = $_->{uri} { return $_->{status} '"
        . $_->{body} =~ s/\\/\\\\/gr . "'; }\n"
    } grep { $_->{status} } @workloads;

    return <<"END";
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100 inactive=600s;
    open_file_cache_valid 600s;

    server {
        listen 127.0.0.1:$vendor_port backlog=4096;
        root html;
        gzip_static on;
$errors    }
END
}


# The arguments of start() for a kind of proxy: plain, off, on, lua or njs.

sub proxy {
    my ($kind, %c) = @_;

    my $port = $c{port};
    my $ours = $kind eq 'on' || $kind eq 'off';
    my $main = $ours ? "load_module $module;" : '';
    my $http = $ours ? "include $root/catalogs/*.conf;\n$words" : '';
    my %line = map { $_ => 'proxy_pass http://vendor;' } @providers;
    my $upstream = '';

    if ($kind eq 'on') {
        %line = map { $_ => "telephony_errors $_; $line{$_}" } @providers;

    } elsif ($kind eq 'off') {
        %line = map { $_ => "telephony_errors off; $line{$_}" } @providers;
        $http .= 'telephony_errors voipms;';

    } elsif ($kind eq 'lua' || $kind eq 'njs') {

        # neither reads compressed answers, so none are asked for; the buffers
        # hold the largest answer, which a subrequest would else put on disk

        $upstream = <<'END';
        location /upstream/ {
            internal;
            proxy_set_header Connection "";
            proxy_set_header Accept-Encoding "";
            subrequest_output_buffer_size 9m;
            proxy_buffers 1100 8k;
            proxy_pass http://vendor/;
        }
END
    }

    if ($kind eq 'lua') {
        $main = "load_module $modules/ndk_http_module.so;\n"
                . "load_module $modules/ngx_http_lua_module.so;";
        $http = "lua_package_path \"$root/t/bench/?.lua;;\";";
        %line = map { $_ => "content_by_lua_block {
            require(\"rival\").serve(\"$_\")
        }" } @providers;

    } elsif ($kind eq 'njs') {
        $main = "load_module $modules/ngx_http_js_module.so;";
        $http = "js_path $root/t/bench; js_import rival from rival.js;";
        %line = map { $_ => "js_content rival.$_;" } @providers;
    }

    my $locations = join '', map {
        "        location /$_/ { $line{$_} }\n"
    } @providers;

    return (%c, name => $c{name} // $kind, main => "$main\npcre_jit on;",
            http => <<"END");
    $http

    server {
        listen 127.0.0.1:$port backlog=4096;
$locations$upstream    }
END
}


1;
