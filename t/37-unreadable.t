# An answer whose status line nginx cannot read: nginx takes all of it for the
# body of HTTP/0.9 and hands it on without a header.  See TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

use Test::More;

my $json = '{"status":"invalid_did"}';

# what may follow; none of it may reach a client

my $rest = "Content-Type: application/json\r\nTelephony-Code: FORGED\r\n"
           . 'Content-Length: ' . length($json) . "\r\n\r\n$json";

my %answers = (
    'a colon too many'    => "HTTP/1.1 404: Not Found\r\n$rest",
    'another protocol'    => "SIP/2.0 404 Not Found\r\n\r\n",
    'no header'           => $json,
    'a page'              => '<html>' . 'x' x 50_000 . '</html>',
    'a status of letters' => "HTTP/1.1 abc\r\n$rest",
    'no such version'     => "HTTP/x.1 200 OK\r\n$rest",
    'a status of 000'     => "HTTP/1.1 000 None\r\n$rest",
    'a status of 042'     => "HTTP/1.1 042 None\r\n$rest",
);

my %bad = (status => 502, code => 'BAD_PROVIDER_RESPONSE', verdict => 'error',
           reason => 'generated', unlike => qr/FORGED/,
           check => \&nothing_of_it);

http_block(<<"END");
    proxy_cache_path $ENV{TEST_NGINX_SERVROOT}-own/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
    add_header X-Cache \$upstream_cache_status always;
END

# no connection is kept: an answer without an end goes on to that of its own

my %vendor = (upstream => '127.0.0.1:$TEST_NGINX_UPSTREAM_PORT');

setting(plain => '', %vendor);
setting(unbuffered => 'proxy_buffering off;', %vendor);
setting(cache => 'proxy_cache c; proxy_cache_valid any 1h;', %vendor);
setting(store => "proxy_store $ENV{TEST_NGINX_SERVROOT}-own/stored;",
        %vendor);
setting(generated_off => 'telephony_errors_generated off;', %vendor);
setting(overridden => 'telephony_errors_override BAD_PROVIDER_RESPONSE 500;',
        %vendor);
setting(observe => 'telephony_errors_observe on;', %vendor);
setting(cache_observe => 'proxy_cache c; proxy_cache_valid any 1h;
                          telephony_errors_observe $http_x_observe;', %vendor);
setting(by_header => '', provider => '$http_x_provider', %vendor);
setting(pages => 'error_page 502 = @other_{side}; proxy_intercept_errors on;',
        %vendor);

server(<<'END');
    location @other_{side} {
        return 200 "other";
    }
END

my @ways = qw(plain unbuffered cache store generated_off pages);

sub nothing_of_it {
    my ($answer) = @_;

    my $envelope = eval { JSON::PP::decode_json($answer->{body}) } // {};

    return (exists $envelope->{provider}{status} ? 'it has a status' : (),
            exists $envelope->{provider}{code} ? 'it has a code' : (),
            ($envelope->{provider}{match} // '') ne 'none' ? 'a match' : (),
            $answer->{body} =~ /invalid_did|HTTP/ ? 'bytes of it' : ());
}

for my $what (sort keys %answers) {
    my $bytes = $answers{$what};

    wire("$what is a bad response", at => \@ways, times => 3, %bad,
         answer => { raw => $bytes });

    wire("$what, in pieces", at => \@ways, %bad,
         answer => { raw => $bytes, split => 9 });

    wire("$what, and the vendor goes on", at => [ qw(plain unbuffered) ],
         times => 2, %bad, answer => { raw => $bytes, then => 'stall' })
        if length $bytes > 30;

    wire("$what, a client of HTTP/1.0", at => [ qw(plain unbuffered) ], %bad,
         version => '1.0', end => 'complete', like => qr{^HTTP/1\.1 502 },
         answer => { raw => $bytes });

    wire("$what to HEAD", at => [ qw(plain unbuffered cache) ],
         method => 'HEAD', times => 2, %bad, check => sub { },
         answer => { raw => $bytes });

    # nginx itself has a header for what has a status line

    wire("observing: $what is handed on as nginx does", at => 'observe',
         ask => \&raw_bytes,
         $what =~ /^a status of \d/ ? (end => 'any', check => \&observed)
                                    : (same => 1),
         answer => { raw => $bytes });
}

sub observed {
    my ($bytes) = $_[0]{body};

    return ($bytes =~ m{\AHTTP/1\.1 0\d\d None\r\n} ? () : 'another status',
            $bytes =~ /^Telephony-Code: BAD_PROVIDER_RESPONSE\r$/m
            ? () : 'no verdict',
            $bytes =~ /FORGED/ ? 'a forged header' : (),
            $bytes =~ /\Q$json\E\z/ ? () : 'another body');
}

# observing, the cache may have it

wire('what a cache has kept of one is no answer either', at => 'cache_observe',
     ask => sub {
         my ($case, $location) = @_;

         my ($first) = raw_bytes({ %$case, headers => [ 'X-Observe: on' ] },
                                 $location);
         my @answers = TelephonyWire::ask($case, $location, 2);

         $answers[0]{head} .= "\nfirst: "
                              . ($first->{body} eq $json ? 'raw' : 'other');
         $answers[1]{head} .= "\nfirst: raw";
         return @answers;
     },
     %bad, like => [ qr/^X-Cache: HIT/m, qr/^first: raw/m ],
     answer => [ { raw => $json }, { body => $json } ]);

wire('another status for it', at => 'overridden', status => 500,
     code => 'BAD_PROVIDER_RESPONSE', answer => { raw => $json });

wire('telephony_errors off by a variable', at => 'by_header',
     headers => [ 'X-Provider: off' ], ask => \&raw_bytes, same => 1,
     answer => { raw => $answers{'a colon too many'} });

run_wire();


# All that comes until the end of the connection, or, if it is kept, until what
# was sent is there.

sub raw_bytes {
    my ($case, $location) = @_;

    my $connection = connect_to();

    $connection->send_bytes(request_of({ %$case }, $location,
                                       headers => [ 'Connection: close' ]));
    $connection->more while !$connection->{over};

    return { head => '', headers => {}, status => '', end => 'eof',
             body => $connection->left };
}
