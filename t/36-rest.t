# What the vendor still sends when its error has been answered is nobody's: no
# one waits for it, and nothing but a cache reads it.  See TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Test::More;

my $error = '{"status":"invalid_did","list":"' . 'x' x 20_000 . '"}';
my $html = '<html>' . 'x' x 20_000 . '</html>';

my %number = (status => 400, code => 'INVALID_PHONE_NUMBER');
my %internal = (status => 500, code => 'INTERNAL');

my $flood = flood();

http_block(<<"END");
    proxy_cache_path $ENV{TEST_NGINX_SERVROOT}-own/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
    add_header X-Cache \$upstream_cache_status always;
    add_header X-Connection \$upstream_http_x_connection always;
END

setting(plain => '');
setting(unbuffered => 'proxy_buffering off;');
setting(small => 'proxy_buffer_size 1k; proxy_buffers 2 1k;
                  proxy_busy_buffers_size 1k; proxy_max_temp_file_size 0;');
setting(threads => 'aio threads; aio_write on; sendfile off;');
setting(cache => 'proxy_cache c; proxy_cache_valid 500 1h;');
setting(not_valid => 'proxy_cache c; proxy_cache_valid 404 1h;');
setting(no_cache => 'proxy_cache c; proxy_cache_valid any 1h;
                     proxy_no_cache 1;');
setting(store => "proxy_store $ENV{TEST_NGINX_SERVROOT}-own/stored;");
setting(flood => '', upstream => '127.0.0.1:' . $flood->{port});
setting(flood_unbuffered => 'proxy_buffering off;',
        upstream => '127.0.0.1:' . $flood->{port});

my @modes = qw(plain unbuffered small threads);

# The second request is answered on the connection of the first one, though the
# vendor has never ended its answer to that.

sub twice {
    my ($case, $location) = @_;

    my $connection = connect_to();

    return map {
        $connection->send_bytes(request_of($case, $location));
        $connection->response('GET');
    } 1 .. 3;
}

for my $framing (qw(length chunked close)) {
    my %waits = (framing => $framing, cut => 19_000, then => 'stall');

    wire("the next request does not wait for the rest of an error: $framing",
         at => \@modes, ask => \&twice, %number,
         answer => { body => $error, %waits });

    wire("the next request does not wait for the rest of an error status: "
         . $framing,
         at => [ @modes, qw(not_valid no_cache store) ], ask => \&twice,
         %internal, answer => { status => 500, body => $html, %waits });

    wire("the client's connection ends though the vendor does not: $framing",
         at => \@modes, headers => [ 'Connection: close' ], %internal,
         check => sub {
             my ($answer) = @_;

             return $answer->{over} eq 'closed' ? () : $answer->{over};
         },
         ask => sub {
             my ($case, $location) = @_;

             my $connection = connect_to();

             $connection->send_bytes(request_of($case, $location));

             my $answer = $connection->response('GET');

             $connection->more while !$connection->{over};
             $answer->{over} = $connection->{over};

             return $answer;
         },
         answer => { status => 500, body => $html, %waits });

    # decided by the header alone, before any byte of the body

    for my $cut (0, 10) {
        wire("an error that cannot be read is answered whole after $cut bytes "
             . "of its body: $framing",
             at => \@modes, ask => \&twice, %internal,
             answer => { status => 500, body => $html, %waits, cut => $cut,
                         headers => [ 'Content-Encoding: unknown' ] });
    }
}


# a connection on which something may still come is not used again; one that has
# given all is

wire("the vendor's connection is closed where its answer goes on",
     at => \@modes, ask => \&twice, %internal,
     check => different_connections(),
     answer => { status => 500, body => $html, framing => 'chunked',
                 cut => 19_000, then => 'stall', count => 1 });

wire("the vendor's connection is kept where its answer has ended",
     at => \@modes, ask => \&twice, %internal, check => same_connection(),
     answer => { status => 500, body => '<html>', framing => 'chunked',
                 count => 1 });

wire("the vendor's connection is kept after an answer to HEAD",
     at => \@modes, times => 3, method => 'HEAD', status => 500,
     check => same_connection(),
     answer => { status => 500, body => $html, count => 1 });

wire("the vendor's connection is kept after an empty answer of any coding",
     at => \@modes, times => 3, %internal, check => same_connection(),
     answer => { status => 500, body => '', count => 1,
                 headers => [ 'Content-Encoding: unknown' ] });


# a cache has to have all of it

for my $framing (qw(length chunked close)) {
    wire("what is cached is read to its end: $framing",
         at => 'cache', times => 3, %internal, check => seen(qw(MISS HIT HIT)),
         answer => [ { status => 500, body => $html, framing => $framing,
                       split => 1000 },
                     { status => 404 } ]);
}


# a vendor that never stops

wire('an endless answer is not read on',
     at => [ qw(flood flood_unbuffered) ], times => 2, %internal);

run_wire(before_end => sub {
    my $sent = $flood->{sent}->();

    # what the buffers of four connections can hold, and not gigabytes

    cmp_ok($sent, '>', 0, 'the endless vendor was asked');
    cmp_ok($sent, '<', 100e6, 'what it could send is bounded');
});


sub seen {
    my (@wanted) = @_;

    my $turn = 0;

    return sub {
        my $want = $wanted[$turn++ % @wanted];
        my $got = $_[0]{headers}{'x-cache'} // '';

        return $got eq $want ? () : "cache: $got, not $want";
    };
}

sub different_connections {
    my %seen;

    return sub {
        my $number = $_[0]{headers}{'x-connection'} // '';

        return $number && !$seen{$number}++ ? () : "connection: $number";
    };
}

# the three answers of a case come by one connection

sub same_connection {
    my ($turn, $first) = (0);

    return sub {
        my $number = $_[0]{headers}{'x-connection'} // '';

        $first = $number if $turn++ % 3 == 0;

        return $number && $number eq $first ? ()
               : "connection: $number, not $first";
    };
}

# A vendor of its own kind: an error status, and then bytes for as long as they
# are taken.

sub flood {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 8,
                                         ReuseAddr => 1)
                   or die "no port: $!\n";

    pipe my $reader, my $writer or die "pipe: $!\n";

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        local $SIG{PIPE} = 'IGNORE';

        close $reader;
        pour($listener, $writer);
        POSIX::_exit(0);
    }

    close $writer;

    return { port => $listener->sockport, sent => sub {
        kill 'TERM', $pid;
        waitpid $pid, 0;

        my $sent = 0;

        $sent += $_ for <$reader>;
        return $sent;
    } };
}

sub pour {
    my ($listener, $writer) = @_;

    my $block = 'x' x 65536;

    syswrite $writer, "0\n";

    while (my $client = $listener->accept) {
        my ($request, $sent) = ('', 0);

        sysread $client, $request, 4096, length $request
            while $request !~ /\r\n\r\n/;

        syswrite $client, "HTTP/1.1 500 X\r\nContent-Type: text/html\r\n\r\n";

        # a gigabyte at the most, or until it is closed

        while ($sent < 1e9) {
            my $n = syswrite $client, $block or last;

            $sent += $n;
        }

        syswrite $writer, "$sent\n";
    }
}
