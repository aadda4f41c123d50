# telephony_errors_peer_failed: a server that says in its answer that it cannot
# is left alone for a while, as one that does not answer.  See TelephonyWire.
#
# Every case has an upstream of two servers of its own; the first is asked first,
# and is one that fails.  nginx's fail_timeout is so long that it does not pass.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;
use TelephonyWire;

use Test::More;

my $root = "$ENV{TEST_NGINX_SERVROOT}-own";
my $key = "$ENV{TEST_NGINX_SERVROOT}-key.pem";

system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2"
       . " -keyout $key -out $key.crt 2>/dev/null") == 0
    or BAIL_OUT('openssl makes no certificate');

http_block(<<"END");
    telephony_catalog vendor {
        code       status;
        success    ok;
        notice     busy    DESTINATION_BUSY;
        error      funds   INSUFFICIENT_FUNDS;
        error      down    PROVIDER_UNAVAILABLE;
        error      full    CAPACITY_UNAVAILABLE;
    }

    proxy_cache_path $root/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
    add_header X-Cache \$upstream_cache_status always;
    add_header X-Server \$upstream_http_x_server always;
END

# Two addresses of the one vendor: it is told by the port which is asked, and
# the ways between are nginx's own.

for my $server (qw(bad good)) {
    for my $kind ('', ' ssl') {
        my $name = $kind ? "$server-tls" : $server;

        http_block(<<"END");
    server {
        listen unix:$root/$name.sock$kind;
        ssl_certificate $key.crt;
        ssl_certificate_key $key;

        location / {
            proxy_buffering off;
            proxy_http_version 1.1;
            proxy_set_header X-Server $server;
            proxy_set_header Accept-Encoding "";
            proxy_pass http://vendor;
        }
    }
END
    }
}

my %balancers = (
    robin     => '',
    least     => 'least_conn;',
    keepalive => 'keepalive 8;',
    zone      => "zone SELF 64k;",
    all_three => "zone SELF 64k; least_conn; keepalive 8;",
);

my %modes = (
    buffered   => '',
    unbuffered => 'proxy_buffering off;',
    threads    => 'aio threads; aio_write on; sendfile off;',
);

my ($number, @all) = (0);

# A place with an upstream of its own, which no other case has spoilt.

sub peer {
    my ($title, %case) = @_;

    my $balancer = delete $case{balancer} // '';
    my $directive = delete $case{directive}
                    // 'telephony_errors_peer_failed PROVIDER_UNAVAILABLE;';
    my $mode = delete $case{mode} // '';
    my $tls = delete $case{tls} ? '-tls' : '';
    my $scheme = $tls ? 'https' : 'http';
    my $bad = delete $case{bad};
    my $calls = delete $case{calls} // [ 'bad', ('good') x 5 ];
    my $name = 'u' . ++$number;
    my $times = $case{times} //= 6;
    my ($seen, $id) = (0);

    $balancer =~ s/SELF/zone_$name/;

    http_block(<<"END");
    upstream $name {
        $balancer
        server unix:$root/bad$tls.sock  max_fails=1 fail_timeout=1h weight=100;
        server unix:$root/good$tls.sock max_fails=1 fail_timeout=1h weight=1;
    }
END

    setting($name => "$directive $mode proxy_pass $scheme://$name/;",
            provider => 'vendor', own => 1);

    my $check = sub {
        return if ++$seen % $times;

        my @got = calls_of($id);

        return "@got" eq "@$calls" ? () : "the servers got: @got";
    };

    wire($title, at => $name, %case, check => [ $check ], answer => sub {
        my ($request) = @_;

        my $server = $request->{headers}{'x-server'} // 'none';

        note_call($request, $server);

        return $server eq 'bad' ? $bad
               : { body => '{"status":"ok","from":"good"}' };
    });

    $id = $TelephonyWire::cases[-1]{id};
}

my $down = '{"status":"down"}';
my $list = join ',', map { $_ * 7919 } 1 .. 500;
my $late = "{\"list\":[$list],\"status\":\"down\"}";
my @always = ('bad') x 6;


# 1. every balancer, buffering and framing

for my $balancer (sort keys %balancers) {
    for my $mode (sort keys %modes) {
        for my $framing (qw(length chunked close)) {
            for my $case ([ 'in a 200', { body => $down } ],
                          [ 'at the end of a 200', { body => $late } ],
                          [ 'with a status', { status => 503, body => 'x' } ])
            {
                my ($what, $answer) = @$case;

                peer("unavailable $what, $framing, $balancer, $mode",
                     balancer => $balancers{$balancer}, mode => $modes{$mode},
                     bad => { %$answer, framing => $framing });
            }
        }
    }
}

for my $mode (sort keys %modes) {
    for my $framing (qw(length chunked)) {
        my %as = (mode => $modes{$mode});

        peer("it is compressed, $framing, $mode", %as,
             bad => { body => $late, gzip => 1, framing => $framing });
        peer("its last bytes come late, $framing, $mode", %as,
             bad => { body => $late, framing => $framing, split => 700,
                      gap => 0.01 });
        peer("it dies before its verdict, $framing, $mode", %as,
             bad => { body => $late, framing => $framing, cut => 1000 });
        peer("TLS, $framing, $mode", %as, tls => 1, balancer => 'keepalive 4;',
             bad => { body => $late, framing => $framing });
    }

    peer("HEAD, $mode", mode => $modes{$mode}, method => 'HEAD',
         bad => { status => 503 });
    peer("a coding that cannot be read, $mode", mode => $modes{$mode},
         bad => { status => 503, body => 'x' x 100,
                  headers => ['Content-Encoding: unknown'] });
}


# 2. what does not count

peer('another code does not count', bad => { body => '{"status":"funds"}' },
     status => 402, code => 'INSUFFICIENT_FUNDS', calls => \@always);
peer('a success does not', bad => { body => '{"status":"ok"}' },
     status => 200, calls => \@always);
peer('nor a notice of that code', bad => { body => '{"status":"busy"}' },
     directive => 'telephony_errors_peer_failed DESTINATION_BUSY;',
     notice => 'DESTINATION_BUSY', calls => \@always);
peer('with a status it does', bad => { body => '{"status":"busy"}' },
     directive => 'telephony_errors_peer_failed DESTINATION_BUSY;
                   telephony_errors_override DESTINATION_BUSY 503;');
peer('without the directive nothing counts', directive => '',
     bad => { body => $down }, status => 503, code => 'PROVIDER_UNAVAILABLE',
     calls => \@always);
peer('nor with "off"', directive => 'telephony_errors_peer_failed off;',
     bad => { body => $down }, status => 503, code => 'PROVIDER_UNAVAILABLE',
     calls => \@always);
peer('nor while observing', bad => { body => $down }, status => 200,
     directive => 'telephony_errors_peer_failed PROVIDER_UNAVAILABLE;
                   telephony_errors_observe on;',
     notice => 'PROVIDER_UNAVAILABLE', calls => \@always);
peer('a category', bad => { body => '{"status":"full"}' },
     directive => 'telephony_errors_peer_failed UNAVAILABLE;');
peer('several lines', bad => { body => '{"status":"full"}' },
     directive => 'telephony_errors_peer_failed PROVIDER_UNAVAILABLE;
                   telephony_errors_peer_failed CAPACITY_UNAVAILABLE;');
peer('what comes from the cache does not count', times => 6,
     directive => 'telephony_errors_peer_failed INSUFFICIENT_FUNDS;
                   proxy_cache c; proxy_cache_valid any 1h;',
     bad => { status => 402, body => '{"status":"funds"}' },
     status => 402, code => 'INSUFFICIENT_FUNDS', calls => ['bad']);


# 3. and the client of that very error

peer('it is given up, too, and the other server is asked',
     directive => 'telephony_errors_peer_failed PROVIDER_UNAVAILABLE;
                   telephony_errors_intercept PROVIDER_UNAVAILABLE;
                   error_page 503 = @again_{side};',
     bad => { body => $late, framing => 'chunked' }, status => 200,
     calls => [ 'bad', ('good') x 6 ], body => '{"status":"ok","from":"good"}');

server(<<"END");
    location \@again_{side} {
        telephony_errors vendor;
        proxy_pass http://u$number;
    }
END


# 4. a client that leaves says nothing of the server

peer('a client that leaves an answer is no failure of the server', times => 1,
     status => 503, code => 'PROVIDER_UNAVAILABLE', calls => [ 'bad', 'bad' ],
     bad => { body => $late, split => 500, gap => 0.05 },
     ask => sub {
         my ($case, $location) = @_;

         my $connection = connect_to();

         $connection->send_bytes(request_of($case, $location));

         wait_for_call($case->{id}, qr/./);
         close $connection->{fh};

         my $next = connect_to();

         $next->send_bytes(request_of($case, $location));
         return $next->response('GET');
     });

run_wire(before_end => sub {
    like($nginx->error_log, qr/\[warn\].*upstream server temporarily disabled/,
         'nginx says in its log that a server is left alone');

    unlink $key, "$key.crt";
});
