package TelephonyOracle;

# The differential oracle: an answer of a vendor, made from a number (the seed),
# is asked for in a location with the module and in one without it.  What is
# not replaced must be the same to the byte, headers included; what has to be
# replaced must be, by an envelope that is right in itself.
#
#     my $oracle = TelephonyOracle->new(rows => 't/rows');
#
#     $oracle->config;                 # of nginx
#     $oracle->start_vendor($port);
#     @problems = $oracle->run($port, 1 .. 1000);
#     $oracle->verdicts;               # { error => 512, success => 305, ... }
#
# An answer is a row of the vendor's document with more JSON around its code, or
# other JSON, text, bytes, or any of that broken; coded or not; framed in any
# way; and sent in pieces that end anywhere.

use strict;
use warnings;

use Compress::Zlib ();
use Errno qw(EAGAIN EINTR);
use IO::Compress::Deflate ();
use IO::Compress::RawDeflate ();
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Socket qw(IPPROTO_TCP SOMAXCONN TCP_NODELAY);
use TelephonyRows;
use Time::HiRes qw(time);

# a failsafe only: whoever waits so long waits for ever

my $patience = 60;
my $window = 8192;

my @settings = (
    [ plain => '' ],
    [ unbuffered => 'proxy_buffering off;' ],
    [ small => 'proxy_buffer_size 2k; proxy_buffers 4 1k;
                proxy_busy_buffers_size 2k; proxy_max_temp_file_size 0;' ],
    [ temp => 'proxy_buffer_size 2k; proxy_buffers 4 1k;
               proxy_busy_buffers_size 2k; proxy_temp_file_write_size 2k;
               sendfile on;' ],
    [ window => 'telephony_errors_window 256;' ],
    [ window_unbuffered => 'telephony_errors_window 256;
                            proxy_buffering off;' ],
    [ cache => 'proxy_cache oracle; proxy_cache_valid any 1h;' ],
    [ gzip => 'gzip on; gzip_min_length 1; gzip_types *; gzip_proxied any;
               gzip_http_version 1.0;' ],
    [ gunzip => 'gunzip on;' ],
    [ old => 'proxy_http_version 1.0;' ],
);

sub new {
    my ($class, %options) = @_;

    my $self = bless { rows => [], %options, dir => $options{rows} }, $class;

    $self->{rows} = [ map { judged_rows($_) } sort glob "$self->{dir}/*.tsv" ];
    $self->{providers} = [ keys %{ { map { $_->{provider} => 1 }
                                     @{ $self->{rows} } } } ];
    $self->{providers} = [ sort @{ $self->{providers} } ];

    die "no rows in $self->{dir}\n" if !@{ $self->{rows} };

    return $self;
}

sub judged_rows {
    my ($file) = @_;

    my $json = JSON::PP->new->utf8;
    my @rows = read_rows($file);

    for my $row (@rows) {
        $row->{object} = $row->{body} =~ /^\{\s*"/
                         && eval { $json->decode($row->{body}); 1 };
    }

    return @rows;
}

sub config {
    my ($self) = @_;

    my $locations = '';

    for my $setting (@settings) {
        my ($name, $text) = @$setting;

        for my $provider (@{ $self->{providers} }) {
            $locations .= <<"END";
        location /on/$name/$provider/ {
            telephony_errors $provider;
            $text
            proxy_pass http://vendor;
        }
END
        }

        $text =~ s/telephony_errors_\w+ [^;]*;//g;
        $locations .= <<"END";
        location /off/$name/ {
            $text
            proxy_pass http://vendor;
        }
END
    }

    return <<"END";
worker_processes 1;

events {
    worker_connections 1024;
}

http {
    include \$TEST_NGINX_CATALOGS/*.conf;

    access_log off;
    keepalive_requests 1000000;
    keepalive_timeout 600s;
    proxy_cache_path $ENV{TEST_NGINX_SERVROOT}-own/cache keys_zone=oracle:1m
                     levels=1:2 max_size=50m;
    proxy_cache_key \$request_uri;

    upstream vendor {
        server 127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        keepalive 64;
    }

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_next_upstream off;

    add_header X-Verdict \$telephony_verdict always;
    add_header X-Reason \$telephony_reason always;

    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;

$locations
    }
}
END
}


# --- one case, from its seed

# The generator is our own: the same seed is the same case everywhere.

my $state;

sub seed {
    my ($seed) = @_;

    $state = ($seed * 2654435761 + 12345) & 0xffffffff;
    below(2) for 1 .. 4;
}

sub below {
    my ($n) = @_;

    $state ^= ($state << 13) & 0xffffffff;
    $state ^= $state >> 17;
    $state ^= ($state << 5) & 0xffffffff;
    $state ||= 1;

    return int($state / 4294967296 * $n);
}

sub one_of { return $_[below(scalar @_)] }
sub chance { return below(100) < $_[0] }

my @keys = qw(status motivo result code error ErrorCode message a b);

sub string {
    my ($max) = @_;

    return '"' . join('', map {
        one_of('x', 'e', '7', ' ', 'status', '\\u00e9', "\xc3\xa9", '\\n',
               '\\"', '\\\\', "\xe2\x82\xac", "\xf0\x9f\x98\x80",
               '\\ud83d\\ude00', '{', '}', '[', ']', ',', ':', '\\u0000')
    } 1 .. below($max)) . '"';
}

sub value {
    my ($depth, $max) = @_;

    my $what = below($depth > 3 ? 4 : 6);

    return string($max) if $what == 0;
    return one_of(qw(0 -1 12.5 1e3 99999999999999999999)) if $what == 1;
    return one_of(qw(true false null)) if $what == 2;
    return string(5) if $what == 3;

    my @values = map { value($depth + 1, $max) } 1 .. below(5);

    return '[' . join(',', @values) . ']' if $what == 4;
    return '{' . join(one_of(',', ' , ', ",\n"), map {
        '"' . one_of(@keys) . '":' . $_
    } @values) . '}';
}

# Members that are on no path of a catalog, about so many bytes of them.

sub members {
    my ($size) = @_;

    my $text = '';

    while (length $text < $size) {
        $text .= ',' if length $text;
        $text .= sprintf '"zz%d":', below(1000);
        $text .= value(0, $size > 1000 ? 300 : 20);
    }

    return $text;
}

sub text {
    my $words = join '', map {
        one_of('<p>', 'error', "\xc3\xa9", '{"status":"invalid_did"}', "\n",
               'x', ' ', "\x00", "\xff")
    } 1 .. below(one_of(5, 100, 3000));

    return one_of('<html>', '<?xml version="1.0"?>', 'OK ', "\r\n  <", '%PDF',
                  "\x00\x01", 'status=') . $words;
}

# want: same; notice; error (with status and code, or without: any that is
# right in itself); any (same or error)

sub make {
    my ($self, $seed) = @_;

    seed($seed);

    my $case = { seed => $seed, headers => [], end => 'keep' };

    $case->{setting} = one_of(map { $_->[0] } @settings);

    my $kind = below(100);

    if ($kind < 62) {
        $self->make_row($case);

    } elsif ($kind < 72) {
        $case->{body} = text();
        $self->make_status($case, 'same');

    } elsif ($kind < 82) {
        $case->{body} = '{' . members(one_of(1, 50, 400, 2000)) . '}';
        $self->make_status($case, 'same');

    } elsif ($kind < 86) {
        $case->{body} = '{' . members(9000 + below(40_000)) . '}';
        $self->make_status($case, 'same');

    } elsif ($kind < 96) {
        $self->make_row($case);
        $case->{body} = broken($case->{body});
        $case->{want} = 'any' if $case->{want} ne 'same'
                                 || $case->{status} !~ /^(?:204|3)/;

    } else {
        $case->{body} = '';
        $self->make_status($case, 'same');
    }

    my $size = ($case->{setting} =~ /^window/) ? 256 : $window;

    if ($case->{want} eq 'error' && length $case->{body} > $size) {

        # seen in time, or perhaps not

        $case->{want} = 'any' if !$case->{first} && $case->{status} < 400;
        $case->{code} = '' if !$case->{first};

    } elsif ($case->{want} eq 'notice' && length $case->{body} > $size) {
        $case->{want} = 'any';
    }

    make_coding($case);
    make_headers($case);
    make_request($case);
    make_wire($case);

    return $case;
}

sub make_row {
    my ($self, $case) = @_;

    my $row = one_of(@{ $self->{rows} });
    my $body = $row->{body};

    @$case{qw(provider status uri id)} = @$row{qw(provider status uri id)};

    $case->{want} = $row->{status} =~ /^(?:204|205|206|3\d\d|416)$/ ? 'same'
                    : $row->{verdict} =~ /^(?:error|notice)$/
                    ? $row->{verdict} : 'same';

    if ($case->{want} ne 'same') {
        @$case{qw(sent code)} = @$row{qw(sent code)};
    }

    if ($row->{object}) {
        if (chance(40)) {
            my $more = members(one_of(1, 30, 200, 1000, 5000));

            $body =~ s/^\{/{$more,/;
        }

        if (chance(40)) {
            my $more = members(one_of(1, 30, 200, 1000, 5000, 20_000));

            $case->{first} = $row->{provider} eq 'voipms'
                             && $body eq $row->{body};
            $body =~ s/\}\s*$/,$more}/;
        }

        $body = one_of("\xef\xbb\xbf", ' ', "\n\n", "\t \r\n") . $body
            if chance(8);
        $body .= one_of(' ', "\n", "\r\n\r\n") if chance(8);
    }

    $case->{body} = $body;
}

sub make_status {
    my ($self, $case, $want) = @_;

    my $status = chance(70) ? one_of(200, 200, 200, 201, 202, 203, 299)
                 : chance(20) ? one_of(204, 205, 300, 301, 302, 304, 307, 416)
                 : one_of(400, 401, 402, 403, 404, 405, 409, 418, 420, 422,
                          429, 451, 499, 500, 501, 502, 503, 504, 520, 599);

    $case->{provider} = one_of(@{ $self->{providers} });
    $case->{uri} = '/any/thing';
    $case->{status} = $status;
    $case->{want} = $status >= 400 && $status != 416 ? 'error' : $want;
    $case->{code} = '';
}

sub broken {
    my ($body) = @_;

    return $body if !length $body;

    my $at = below(length $body);
    my $way = below(4);

    if ($way == 0) {
        return substr $body, 0, $at;
    }

    if ($way == 1) {
        substr($body, $at, 1) = chr below(256);
        return $body;
    }

    return $body . $body if $way == 2;

    substr($body, $at, 0) = one_of("\x00", '"', '{', '}', '\\u', "\xc3", ',');
    return $body;
}

sub make_coding {
    my ($case) = @_;

    my $bodiless = $case->{status} =~ /^(?:204|205|304)$/;

    $case->{body} = '' if $bodiless;
    $case->{sent_body} = $case->{body};

    return if $bodiless || !length $case->{body} || !chance(30);

    my $judged = $case->{status} !~ /^(?:20[456]|3\d\d|416)$/;
    my $coded = $case->{body};
    my $coding = 'gzip';
    my $way = below(10);

    if ($way < 5) {
        $coded = Compress::Zlib::memGzip($coded);

    } elsif ($way == 5) {
        my $half = below(length $coded);

        $coded = Compress::Zlib::memGzip(substr $coded, 0, $half)
                 . Compress::Zlib::memGzip(substr $coded, $half);

    } elsif ($way == 6) {
        my $raw = chance(50);
        my $out;

        $coding = 'deflate';

        if ($raw) {
            IO::Compress::RawDeflate::rawdeflate(\$coded => \$out);
        } else {
            IO::Compress::Deflate::deflate(\$coded => \$out);
        }

        $coded = $out;

    } elsif ($way == 7) {
        $coding = one_of('zstd', 'compress', 'gzip, gzip', 'x');

        # unread: by the status alone

        $case->{want} = $case->{status} >= 400 ? 'error' : 'same' if $judged;
        $case->{code} = '';

    } else {
        $coded = broken(Compress::Zlib::memGzip($coded));
        $case->{want} = 'any' if $judged && $case->{want} ne 'same';
        $case->{want} = 'any' if $judged && $case->{status} >= 400;
        $case->{corrupt} = 1;
    }

    # its reader stops at a window of what is decoded, not of what is sent

    push @{ $case->{headers} }, "Content-Encoding: $coding";
    $case->{sent_body} = $coded;
}

sub make_headers {
    my ($case) = @_;

    my @all = ('ETag: "1"', 'ETag: W/"x"', 'Set-Cookie: a=1',
               'Set-Cookie: b=2; Path=/', 'Cache-Control: max-age=60',
               'Cache-Control: private', 'Expires: 0', 'Retry-After: 3',
               'Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT',
               'X-Correlator: 12-34', 'X-Empty:', "X-Odd: \xff\x80!",
               'Content-Language: pt', 'Vary: Accept', 'Link: </a>; rel=x',
               'Access-Control-Allow-Origin: *', 'Server: vendor',
               'Content-Disposition: inline', 'WWW-Authenticate: Basic');

    push @{ $case->{headers} }, one_of(@all) for 1 .. below(5);

    unshift @{ $case->{headers} }, 'Content-Type: '
        . one_of('application/json', 'application/json; charset=utf-8',
                 'text/html', 'text/html; charset=ISO-8859-1', 'text/plain',
                 'application/octet-stream')
        if !chance(4);
}

sub make_request {
    my ($case) = @_;

    $case->{method} = one_of(qw(GET GET GET GET GET GET POST POST HEAD));
    $case->{version} = chance(15) ? '1.0' : '1.1';
    $case->{ask} = [];

    push @{ $case->{ask} }, 'Connection: ' . one_of('close', 'keep-alive')
        if chance(15);
    push @{ $case->{ask} }, 'Accept-Encoding: gzip'
        if $case->{setting} eq 'gzip';
    push @{ $case->{ask} }, 'Range: bytes=' . one_of('0-3', '-5', '2-')
        if $case->{setting} ne 'cache' && chance(5);

    # by the status alone

    if ($case->{method} eq 'HEAD' && $case->{setting} ne 'cache'
        && $case->{status} !~ /^(?:20[456]|3\d\d|416)$/)
    {
        $case->{want} = $case->{status} >= 400 ? 'error' : 'same';
        $case->{code} = '';
    }

    $case->{method} = 'GET' if $case->{setting} eq 'cache';

    my $uri = $case->{uri};

    $case->{uri} .= ($uri =~ /\?/ ? '&' : '?') . "s=$case->{seed}";
    $case->{times} = $case->{setting} eq 'cache' ? 2 : 1;
}

# The bytes, and where they are cut into pieces.

sub make_wire {
    my ($case) = @_;

    my $body = $case->{sent_body};
    my $framing = one_of(qw(length length chunked chunked close));
    my $bodiless = $case->{method} eq 'HEAD'
                   || $case->{status} =~ /^(?:204|304)$/;
    my @headers = @{ $case->{headers} };

    $framing = 'length' if $bodiless;
    $framing = one_of('length', 'close') if $case->{setting} eq 'old';
    $case->{framing} = $framing;

    if ($framing eq 'chunked') {
        my $size = one_of(1, 2, 7, 40, 1000, 100_000);
        my $trailer = chance(10) ? "X-Trailer: 1\r\n" : '';

        push @headers, 'Transfer-Encoding: chunked';
        $body = join '', (map { sprintf "%s\r\n%s\r\n",
                                one_of(sprintf('%x', length),
                                       sprintf('%X', length),
                                       sprintf('0%x', length)), $_
                          } unpack "(a$size)*", $body), "0\r\n$trailer\r\n";

    } elsif ($framing eq 'length' && $case->{status} ne '204') {
        push @headers, 'Content-Length: ' . length $body;
    }

    if ($framing eq 'close' || $case->{setting} eq 'old') {
        $case->{end} = 'close';
        push @headers, 'Connection: close';
    }

    $body = '' if $bodiless;

    my $reason = one_of('OK', 'Whatever', '');
    my $out = "HTTP/1.1 $case->{status} $reason\r\n"
              . join('', map { "$_\r\n" } @headers) . "\r\n";
    my $start = length $out;

    $out .= $body;

    # a vendor that dies

    if (chance(4) && length $body) {
        $out = substr $out, 0, $start + below(length $body);
        $case->{end} = 'close';
        $case->{dies} = 1;
        $case->{want} = 'any';
    }

    my $way = below(6);

    if ($way == 0 && length $out < 1500) {
        $case->{parts} = [ unpack '(a)*', $out ];

    } elsif ($way == 1) {
        $case->{parts} = [ substr($out, 0, $start), substr($out, $start) ];

    } elsif ($way == 2) {
        $case->{parts} = [ $out ];

    } else {
        my $max = one_of(3, 10, 50, 500, 5000);
        my ($at, @parts) = (0);

        $max = length($out) / 60 if $max < length($out) / 60;

        while ($at < length $out) {
            my $n = 1 + below($max);

            push @parts, substr $out, $at, $n;
            $at += $n;
        }

        $case->{parts} = \@parts;
    }

    $case->{parts} = [ grep { length } @{ $case->{parts} } ];
}


# --- the vendor

sub start_vendor {
    my ($self, $port) = @_;

    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Proto => 'tcp',
        Listen => SOMAXCONN, ReuseAddr => 1, Blocking => 0,
    ) or die "the vendor cannot listen on port $port: $!\n";

    my $parent = $$;
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP __DIE__ __WARN__);
        $SIG{PIPE} = 'IGNORE';

        eval { $self->serve($listener, $parent) };

        print STDERR "vendor: $@" if $@;
        POSIX::_exit(1);
    }

    close $listener;

    $self->{vendor} = $pid;
}

sub stop_vendor {
    my ($self) = @_;

    my $pid = delete $self->{vendor} or return;

    kill 'KILL', $pid;
    waitpid $pid, 0;
}

# One piece of each answer a round: what the vendor says to one request comes
# between the pieces of the others, and nginx reads every piece by itself.

sub serve {
    my ($self, $listener, $parent) = @_;

    my %clients;
    my ($readers, $writers) = ('', '');

    vec($readers, fileno $listener, 1) = 1;

    my $drop = sub {
        my ($n) = @_;

        vec($readers, $n, 1) = 0;
        vec($writers, $n, 1) = 0;
        close delete($clients{$n})->{fh};
    };

    while (getppid() == $parent) {
        my ($r, $w) = ($readers, $writers);

        select $r, $w, undef, 1;

        if (vec $r, fileno $listener, 1) {
            while (my $fh = $listener->accept) {
                $fh->blocking(0);
                setsockopt $fh, IPPROTO_TCP, TCP_NODELAY, 1;
                $clients{ fileno $fh } = { fh => $fh, in => '' };
                vec($readers, fileno $fh, 1) = 1;
            }
        }

        for my $n (keys %clients) {
            my $client = $clients{$n};

            if (vec $r, $n, 1) {
                my $got = sysread $client->{fh}, $client->{in}, 65536,
                                  length $client->{in};

                if (!$got && !(!defined $got && ($! == EAGAIN))) {
                    $drop->($n);
                    next;
                }

                if (!$client->{parts} && $client->{in} =~ /\r\n\r\n/) {
                    my ($seed) = $client->{in} =~ /[?&]s=(\d+) HTTP/
                        or die "no seed: $client->{in}\n";
                    my ($length) = $client->{in}
                                   =~ /^Content-Length: (\d+)/mi;

                    if (length $client->{in} >= index($client->{in},
                                                      "\r\n\r\n")
                                                + 4 + ($length // 0))
                    {
                        my $case = $self->make($seed);

                        $client->{in} = '';
                        $client->{parts} = $case->{parts};
                        $client->{end} = $case->{end};
                        vec($writers, $n, 1) = 1;
                    }
                }
            }

            if ($client->{parts} && vec $w, $n, 1) {
                my $part = shift @{ $client->{parts} } // '';
                my $sent = syswrite $client->{fh}, $part;

                if (!defined $sent && $! != EAGAIN) {
                    $drop->($n);
                    next;
                }

                $sent //= 0;

                if ($sent < length $part) {
                    unshift @{ $client->{parts} }, substr $part, $sent;

                } elsif (!@{ $client->{parts} }) {
                    delete $client->{parts};
                    vec($writers, $n, 1) = 0;
                    $drop->($n) if $client->{end} eq 'close';
                }
            }
        }
    }

    POSIX::_exit(0);
}


# --- the client

# Runs the cases of the seeds; every slot asks for one at a time, on one
# connection as long as that is kept.

sub run {
    my ($self, $port, @seeds) = @_;

    local $SIG{PIPE} = 'IGNORE';

    my (@problems, %slots);
    my @idle = map { { in => '' } } 1 .. 48;
    my ($readers, $writers) = ('', '');

    while (@seeds || %slots) {

        while (@seeds && @idle) {
            my $slot = pop @idle;

            $slot->{case} = $self->make(shift @seeds);
            $slot->{answers} = [];
            plan($slot);
            connect_slot($slot, $port, \%slots);
        }

        ($readers, $writers) = ('', '');

        for my $n (keys %slots) {
            vec($readers, $n, 1) = 1;
            vec($writers, $n, 1) = 1 if length $slots{$n}{out};
        }

        my ($r, $w) = ($readers, $writers);
        my $found = select $r, $w, undef, 1;

        for my $n (keys %slots) {
            my $slot = $slots{$n};

            if (vec $w, $n, 1) {
                my $sent = syswrite $slot->{fh}, $slot->{out};

                substr($slot->{out}, 0, $sent) = '' if $sent;
            }

            if (vec $r, $n, 1) {
                my $got = sysread $slot->{fh}, $slot->{in}, 262144,
                                  length $slot->{in};

                if (!$got && !(!defined $got && $! == EAGAIN)) {
                    $slot->{over} = defined $got ? 'closed' : 'reset';
                }

                $slot->{last} = time;

            } elsif (time - $slot->{last} > $patience) {
                $slot->{over} = 'stalled';

            } else {
                next;
            }

            progress($slot);

            if (@{ $slot->{asked} } && $slot->{over}) {

                # the rest on a new connection

                delete $slots{$n};
                close delete $slot->{fh};
                connect_slot($slot, $port, \%slots);

            } elsif (@{ $slot->{asked} }) {
                next;

            } else {
                push @problems, $self->judge($slot);
                delete $slots{$n};

                if ($slot->{over}) {
                    close delete $slot->{fh};
                }

                $slot->{before} = "$slot->{case}{seed} ("
                    . join(', ', map { "$_->[0] $_->[1]{end}" }
                                 @{ $slot->{answers} }) . ')';

                push @idle, $slot;
            }
        }
    }

    close $_->{fh} for grep { $_->{fh} } @idle;

    return @problems;
}

sub verdicts {
    my ($self) = @_;

    return $self->{verdicts};
}

# The requests of a case: with the module and without, in any order.

sub plan {
    my ($slot) = @_;

    my $case = $slot->{case};
    my @sides = $case->{seed} % 2 ? qw(on off) : qw(off on);

    $slot->{asked} = [ map { ($_) x $case->{times} } @sides ];
    $slot->{pipelined} = $case->{seed} % 5 == 0 && $case->{version} eq '1.1'
                         && $case->{method} ne 'POST' && !$case->{dies}
                         && $case->{times} == 1
                         && !grep { /^Connection/ } @{ $case->{ask} };
}

sub connect_slot {
    my ($slot, $port, $slots) = @_;

    if (!$slot->{fh}) {
        $slot->{fh} = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                            PeerPort => $port)
                      or die "no connection to port $port: $!\n";
        $slot->{fh}->blocking(0);
        setsockopt $slot->{fh}, IPPROTO_TCP, TCP_NODELAY, 1;
        $slot->{in} = '';
        delete $slot->{over};
    }

    $slots->{ fileno $slot->{fh} } = $slot;
    $slot->{last} = time;
    $slot->{out} = '';

    ask_next($slot);
}

sub ask_next {
    my ($slot) = @_;

    for my $side (@{ $slot->{asked} }) {
        $slot->{out} .= request($slot->{case}, $side);
        last if !$slot->{pipelined};
    }
}

sub request {
    my ($case, $side) = @_;

    my $body = $case->{method} eq 'POST' ? 'a=1&b=2' : '';

    return join "\r\n",
        "$case->{method} /$side/$case->{setting}/$case->{provider}$case->{uri}"
        . " HTTP/$case->{version}", 'Host: localhost', @{ $case->{ask} },
        length $body ? 'Content-Length: ' . length $body : (), '', $body;
}

# Takes the answers that are complete.

sub progress {
    my ($slot) = @_;

    while (@{ $slot->{asked} }) {
        my $answer = answer($slot) or return;

        push @{ $slot->{answers} }, [ shift @{ $slot->{asked} }, $answer ];

        $slot->{over} //= 'closing' if $answer->{closing};
        return if $slot->{over};

        if (!$slot->{pipelined}) {
            ask_next($slot);
        }
    }

    if (length $slot->{in}) {
        $slot->{answers}[-1][1]{rest} = substr $slot->{in}, 0, 200;
        $slot->{over} //= 'desync';
    }
}

sub answer {
    my ($slot) = @_;

    my $over = $slot->{over};
    my $at = index $slot->{in}, "\r\n\r\n";

    if ($at < 0) {
        return if !$over;
        return { end => "no answer ($over)", head => $slot->{in}, body => '',
                 status => '', headers => {}, closing => 1 };
    }

    my $head = substr $slot->{in}, 0, $at;
    my ($status) = $head =~ m{\AHTTP/1\.1 (\d{3})};
    my %headers = map { /^([^:\s]+):[ \t]*(.*?)\s*$/ ? (lc $1, $2) : () }
                  split /\r\n/, $head;
    my $closing = ($headers{connection} // '') ne 'keep-alive';
    my ($body, $end, $next);

    $at += 4;

    if ($slot->{case}{method} eq 'HEAD' || ($status // '') =~ /^(?:204|304)$/) {
        ($body, $end, $next) = ('', 'complete', $at);

    } elsif (($headers{'transfer-encoding'} // '') eq 'chunked') {
        ($body, $end, $next) = chunks($slot, $at);

    } elsif (defined $headers{'content-length'}) {
        my $length = $headers{'content-length'};

        if (length $slot->{in} >= $at + $length) {
            $body = substr $slot->{in}, $at, $length;
            ($end, $next) = ('complete', $at + $length);
        }

    } elsif ($over) {
        $body = substr $slot->{in}, $at;
        ($end, $next) = ($over eq 'closed' ? 'eof' : $over,
                         length $slot->{in});
    }

    if (!defined $end) {
        return if !$over;
        $body //= substr $slot->{in}, $at;
        $end = $over eq 'closed' ? 'cut' : $over;
        $next = length $slot->{in};
    }

    substr($slot->{in}, 0, $next) = '';

    return { head => "$head\r\n", status => $status // '', body => $body,
             headers => \%headers, end => $end, closing => $closing };
}

sub chunks {
    my ($slot, $at) = @_;

    my $body = '';

    while (1) {
        pos($slot->{in}) = $at;

        if ($slot->{in} !~ /\G([0-9a-f]+)\r\n/gi) {
            return ($body, $slot->{over} ? 'cut' : undef,
                    length $slot->{in});
        }

        my ($size, $start) = (hex $1, pos $slot->{in});

        if ($size == 0) {
            if ($slot->{in} =~ /\G(?:[^\r\n]+\r\n)*\r\n/gc) {
                return ($body, 'complete', pos $slot->{in});
            }

            return ($body, $slot->{over} ? 'cut' : undef,
                    length $slot->{in});
        }

        $body .= substr $slot->{in}, $start, $size;
        $at = $start + $size + 2;

        if (length $slot->{in} < $at) {
            return ($body, $slot->{over} ? 'cut' : undef,
                    length $slot->{in});
        }
    }
}


# --- the judgement

sub judge {
    my ($self, $slot) = @_;

    my $case = $slot->{case};
    my @on = map { $_->[1] } grep { $_->[0] eq 'on' } @{ $slot->{answers} };
    my @off = map { $_->[1] } grep { $_->[0] eq 'off' } @{ $slot->{answers} };
    my @problems;

    for my $i (0 .. $#on) {
        my $verdict = $on[$i]{headers}{'x-verdict'} // 'unjudged';

        $self->{verdicts}{$verdict}++;
        push @problems, judge_answer($case, $on[$i], $off[$i]);
    }

    return if !@problems;

    my $asked = request($case, 'on');

    return join "\n", "seed $case->{seed}: " . join('; ', @problems),
                map { s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ger }
                "asked: $asked", 'before it: ' . ($slot->{before} // 'nothing'),
                'the vendor (' . @{ $case->{parts} } . ' pieces): '
                . substr(join('', @{ $case->{parts} }), 0, 1500),
                map { "$_->[0] [$_->[1]{end}]:\n$_->[1]{head}\n"
                      . substr $_->[1]{body}, 0, 600 } @{ $slot->{answers} };
}

sub judge_answer {
    my ($case, $on, $off) = @_;

    my $want = $case->{want};
    my @problems;

    push @problems, "bytes behind the answer: $on->{rest}" if $on->{rest};

    my $replaced = ($on->{headers}{'x-verdict'} // '') eq 'error';
    my $noticed = ($on->{headers}{'x-verdict'} // '') eq 'notice';

    if ($want eq 'error' && !$replaced) {
        push @problems, 'not replaced';

    } elsif ($want =~ /^(?:same|notice)$/ && $replaced) {
        push @problems, 'replaced';

    } elsif ($want eq 'notice' && !$noticed) {
        push @problems, 'no notice';

    } elsif ($want eq 'same' && $noticed) {
        push @problems, 'a notice';
    }

    if (!$replaced) {
        push @problems, differences($case, $on, $off, $noticed);
        return @problems;
    }

    push @problems, envelope($case, $on);

    if ($want eq 'error' && $case->{code}) {
        push @problems, "status $on->{status}, not $case->{sent}"
            if $on->{status} ne $case->{sent};
        push @problems, "code $on->{headers}{'telephony-code'}, not "
                        . $case->{code}
            if ($on->{headers}{'telephony-code'} // '') ne $case->{code};
    }

    return @problems;
}

sub differences {
    my ($case, $on, $off, $noticed) = @_;

    my @problems;
    my $cut = $on->{end} eq 'cut' && $off->{end} eq 'cut';

    # gunzip gives up at what it cannot read: what it has written by then
    # depends on when the bytes came

    if ($case->{setting} eq 'gunzip' && ($case->{corrupt} || $case->{dies})
        && $on->{end} ne 'complete' && $off->{end} ne 'complete')
    {
        return;
    }

    my ($head, $plain) = map {
        my $text = $_->{head};

        $text =~ s/^(?:Date|X-Verdict|X-Reason):.*\r\n//mg;
        $text =~ s/^Telephony-.*\r\n//mg if $noticed;

        # the vendor died before a header that was held was sent

        $text =~ s/^Connection:.*\r\n//mg if $cut;
        $text;
    } $on, $off;

    push @problems, 'the head differs' if $head ne $plain;
    push @problems, "the end differs: $on->{end}, $off->{end}"
        if $on->{end} ne $off->{end};

    my ($body, $other) = map {
        ($_->{headers}{'content-encoding'} // '') eq 'gzip' && !$cut
        ? Compress::Zlib::memGunzip($_->{body}) // $_->{body} : $_->{body}
    } $on, $off;

    push @problems, 'the body differs' if $body ne $other;

    return @problems;
}

sub envelope {
    my ($case, $on) = @_;

    my @problems;
    my $headers = $on->{headers};
    my $code = $headers->{'telephony-code'} // '';

    # nginx compresses for HTTP/1.0 without a length

    my $end = $case->{version} eq '1.0' && $case->{method} ne 'HEAD'
              && defined $headers->{'content-encoding'} ? 'eof' : 'complete';

    push @problems, "the envelope ends: $on->{end}" if $on->{end} ne $end;
    push @problems, 'no Telephony-Code' if $code eq '';
    push @problems, "a success status: $on->{status}" if $on->{status} < 400;
    push @problems, 'the type is ' . ($headers->{'content-type'} // 'none')
        if ($headers->{'content-type'} // '') ne 'application/problem+json';

    for my $name (qw(etag last-modified accept-ranges content-disposition
                     content-range))
    {
        push @problems, "$name is left" if defined $headers->{$name};
    }

    return @problems if $case->{method} eq 'HEAD';

    my $body = $on->{body};

    if (defined $headers->{'content-encoding'}) {
        push @problems, 'a coding is left'
            if $case->{setting} ne 'gzip'
               || $headers->{'content-encoding'} ne 'gzip';
        $body = Compress::Zlib::memGunzip($body) // '';
    }

    my $json = eval { JSON::PP->new->utf8->decode($body) };

    return (@problems, 'no JSON') if ref $json ne 'HASH';

    push @problems, "status $json->{status} in the body"
        if $json->{status} ne $on->{status};
    push @problems, "code $json->{code} in the body" if $json->{code} ne $code;
    push @problems, "provider $json->{provider}{name} in the body"
        if $json->{provider}{name} ne $case->{provider};

    return @problems;
}

1;
