package TelephonyWire;

# Tests on the wire: a table of cases, one nginx, raw connections.  Every
# setting makes two locations, /on/<name>/ with the module and /off/<name>/
# without it, both before the fake vendor of TelephonyUpstream.
#
#     use lib 't/lib';
#     use TelephonyTest ();
#     use TelephonyWire;
#
#     setting(unbuffered => 'proxy_buffering off;');
#
#     wire('a good answer leaves as it came',
#          at     => 'unbuffered',          # or [ several ]; default "plain"
#          answer => { body => '{"status":"success"}' },
#          same   => 1);
#
#     run_wire();
#
# What a case may have:
#
#   at       the settings, each a test of its own
#   answer   what the vendor says (see TelephonyUpstream); a list: one each time
#   method, version (1.1), headers [ "Name: value", ... ], path, body
#   times    asks so often; all must be as wanted (1)
#   same     status line, headers, body and the way it ends are those of /off/
#   status   of the answer
#   code     Telephony-Code; given, the body must be an envelope that says the
#            same status and code, and nothing of the vendor's body is left
#   notice   Telephony-Code of an answer that is passed
#   verdict, reason    $telephony_verdict and $telephony_reason
#   body     bytes
#   like, unlike       patterns for the head
#   end      complete (as announced; the default), eof (by closing), cut (closed
#            too early), any
#   early    the header and the first bytes must come while the vendor waits;
#            "head": the header
#   check    sub ($answer): a list of complaints; or several
#   ask      sub ($case, $location): a list of answers, in place of the request
#
# run_wire(more => 1) may be followed by other settings and cases.
# started => sub { ... } is called when nginx runs, before_end => sub { ... }
# while it still does.  WIRE=pattern runs
# the cases whose titles are like that.
#
# What the vendor was asked: note_call($request, $what) in its process, and in the
# test's calls_of($id), all $what since the last call, or wait_for_call($id,
# $pattern) until there is one like that.
#
# More for the configuration: server() adds to the server, http_block() to http,
# main_block() to the top.

use strict;
use warnings;

use Errno;
use Exporter 'import';
use IO::Select;
use JSON::PP;
use Socket;
use Test::More;

use TelephonyTest ();
use TelephonyUpstream;

our @EXPORT = qw(setting wire run_wire server http_block main_block connect_to
                 request_of answer_of note_call calls_of wait_for_call
                 $nginx $vendor);

our ($nginx, $vendor, @cases);

my ($main, $http, $server, %settings, @order) = ('', '', '');

# a failsafe only: whoever waits so long waits for ever

my $patience = $ENV{TEST_NGINX_USE_VALGRIND} ? 120 : 20;

sub main_block { $main .= join '', @_ }
sub http_block { $http .= join '', @_ }
sub server { $server .= join '', map { both_sides($_) } @_ }

sub both_sides {
    my ($text) = @_;

    return $text if $text !~ /\{side\}/;

    return join '', map { side($_, $text) } qw(on off);
}

sub side {
    my ($side, $text) = @_;

    $text =~ s/\{side\}/$side/g;
    $text =~ s/telephony_errors(?:_\w+)? [^;]*;//g if $side eq 'off';

    return $text;
}

# A setting of the location; "{pass}" in it stands for "proxy_pass ...;", which
# is added without it, unless the setting has its "own" content.  "{side}" is
# "on" or "off", also in what server() adds: that is added twice then.

sub setting {
    my ($name, $text, %options) = @_;

    $text .= "\n{pass}" if $text !~ /\{pass\}/ && !$options{own};

    push @order, $name if !$settings{$name};
    $settings{$name} = { text => $text, %options };
}

sub wire {
    my ($title, %case) = @_;

    push @cases, { %case, title => $title, id => scalar @cases };
}

# A worker that is told to quit does not wait for its threads: a request whose
# temporary file is being written would be left open.  So nothing may be open
# when it is told.

sub wait_for_threads {
    my $port = sprintf '%04X', $ENV{TEST_NGINX_SERVER_PORT};

    for (1 .. 100) {
        open my $in, '<', '/proc/net/tcp' or return;

        # neither LISTEN nor TIME_WAIT

        return if !grep { /^\s*\d+: \w+:$port \w+:\w+ (?!0A|06)/ } <$in>;

        select undef, undef, undef, 0.05;
    }
}

# all that the log says of the first connections with an alert

sub diag_connections {
    my ($log, @alerts) = @_;

    my %seen;

    for my $alert (@alerts) {
        my ($number) = $alert =~ / (\*\d+) / or next;

        next if $seen{$number}++ || keys %seen > 5;

        diag(join "\n", grep { index($_, " $number ") >= 0 }
                         split /\n/, $log);
    }
}

sub run_wire {
    my (%options) = @_;

    setting(plain => '') if !$settings{plain};

    my $text = configuration();

    $vendor = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT},
                                       \&vendor_says);
    $nginx = TelephonyTest::start_nginx($text);
    $options{started}->() if $options{started};

    my $only = $ENV{WIRE};

    for my $case (@cases) {
        next if defined $only && $case->{title} !~ /$only/;

        for my $at (ref $case->{at} ? @{ $case->{at} }
                                    : $case->{at} // 'plain')
        {
            run_case($case, $at);
        }
    }

    $options{before_end}->() if $options{before_end};

    # first, or a cache waits for what the vendor still has to say

    $vendor->stop;
    wait_for_threads();
    $nginx->stop;

    my @alerts = grep { /\[(?:alert|crit|emerg)\]|exited on signal/ }
                 split /\n/, $nginx->error_log;

    is(join("\n", @alerts), '', 'the error log is free of alerts')
        or diag_connections($nginx->error_log, @alerts);

    ($main, $http, $server) = ('', '', '');
    %settings = ();
    @order = ();
    @cases = ();

    done_testing() if !$options{more};
}

sub configuration {
    my $locations = '';

    # "off" would win over a log of the test's own

    my $no_log = $http =~ /^\s*access_log\s/m ? '' : 'access_log off;';

    for my $name (@order) {
        my $setting = $settings{$name};
        my $provider = $setting->{provider} // 'voipms';

        for my $side (qw(on off)) {
            my $text = $setting->{text};
            my $upstream = $setting->{upstream} // 'vendor';
            my $pass = "proxy_pass http://$upstream/;";

            $text =~ s/\{pass\}/$pass/;
            $text = side($side, "telephony_errors $provider;\n$text");
            $locations .= "location /$side/$name/ {\n$text\n}\n";
        }
    }

    return <<"END";
worker_processes 1;
$main

events {
    worker_connections 1024;
}

http {
    include \$TEST_NGINX_CATALOGS/*.conf;

    $no_log
    keepalive_requests 100000;
    send_timeout 300s;
    lingering_close off;

    upstream vendor {
        server 127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        keepalive 4;
    }

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_next_upstream off;

    add_header X-Verdict \$telephony_verdict always;
    add_header X-Reason \$telephony_reason always;

    $http

    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;

        $server
        $locations
    }
}
END
}

my %turns;

sub vendor_says {
    my ($request) = @_;

    my $id = $request->{headers}{'x-case'} // '';
    my $case = $id =~ /^\d+$/ ? $cases[$id] : undef;

    return { status => 500, body => 'no such case' } if !$case;

    my $answer = $case->{answer} // {};

    if (ref $answer eq 'CODE') {
        return $answer->($request);
    }

    if (ref $answer eq 'ARRAY') {
        my $turn = $request->{headers}{'x-turn'} // 0;

        return $answer->[$turn] // $answer->[-1];
    }

    return $answer;
}

sub request_of {
    my ($case, $location, %more) = @_;

    my $method = $case->{method} // 'GET';
    my $version = $case->{version} // '1.1';
    my $path = $location . ($case->{path} // '');
    my @headers = @{ $case->{headers} // [] };
    my $body = $case->{body_sent} // '';

    push @headers, 'Content-Length: ' . length $body if length $body;
    push @headers, @{ $more{headers} // [] };

    return join("\r\n", "$method $path HTTP/$version", 'Host: localhost',
                "X-Case: $case->{id}", @headers, '', '') . $body;
}

sub run_case {
    my ($case, $at) = @_;

    my $title = "$case->{title} ($at)";
    my @problems;

    my $run = sub {
        my ($side) = @_;

        my $location = "/$side/$at/";

        return $case->{ask}->($case, $location) if $case->{ask};
        return ask($case, $location, $case->{times} // 1);
    };

    my @answers = $run->('on');

    for my $answer (@answers) {
        push @problems, problems($case, $answer);
    }

    if ($case->{same}) {
        my @plain = $run->('off');

        for my $i (0 .. $#answers) {
            push @problems, differences($answers[$i], $plain[$i]);
        }
    }

    ok(!@problems, $title);
    diag(join "\n", @problems, map { "---\n" . show($_) } @answers)
        if @problems;
}

sub show {
    my ($answer) = @_;

    my $text = ($answer->{head} // '') . "\n\n"
               . substr($answer->{body} // '', 0, 1000);

    $text =~ s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;

    return "$text\n[$answer->{end}]";
}

sub ask {
    my ($case, $location, $times) = @_;

    my ($connection, @answers);

    for my $turn (0 .. $times - 1) {
        $connection //= connect_to();
        $connection->send_bytes(request_of($case, $location,
                                           headers => [ "X-Turn: $turn" ]));

        push @answers, answer_of($connection, $case);

        if ($answers[-1]{end} ne 'complete' || $answers[-1]{closing}) {
            undef $connection;
        }
    }

    return @answers;
}

sub answer_of {
    my ($connection, $case) = @_;

    return $connection->response($case->{method} // 'GET',
                                 $case->{early} ? (early => $case->{early}) : ());
}

sub problems {
    my ($case, $answer) = @_;

    my @problems;
    my $headers = $answer->{headers};

    my $want = sub {
        my ($what, $got, $expected) = @_;

        $got //= '';
        push @problems, "$what: \"$got\", not \"$expected\""
            if $got ne $expected;
    };

    my $end = $case->{end} // ($case->{same} ? 'any' : 'complete');

    $end = 'early' if $case->{early};
    $want->('end', $answer->{end}, $end) if $end ne 'any';

    if ($case->{same}) {
        $want->('Telephony-Code', $headers->{'telephony-code'}, '');
    }

    $want->('status', $answer->{status}, $case->{status})
        if defined $case->{status};
    $want->('verdict', $headers->{'x-verdict'}, $case->{verdict})
        if defined $case->{verdict};
    $want->('reason', $headers->{'x-reason'}, $case->{reason})
        if defined $case->{reason};
    $want->('notice', $headers->{'telephony-code'}, $case->{notice})
        if defined $case->{notice};
    $want->('body', $answer->{body}, $case->{body}) if defined $case->{body};

    if (defined $case->{code}) {
        $want->('Telephony-Code', $headers->{'telephony-code'}, $case->{code});

        if (($case->{method} // 'GET') ne 'HEAD') {
            push @problems, envelope_problems($answer, $case->{code});
        }
    }

    for my $pattern (@{ _list($case->{like}) }) {
        push @problems, "head unlike $pattern" if $answer->{head} !~ $pattern;
    }

    for my $pattern (@{ _list($case->{unlike}) }) {
        push @problems, "head like $pattern" if $answer->{head} =~ $pattern;
    }

    push @problems, map { $_->($answer) } @{ _list($case->{check}) };

    return @problems;
}

sub _list {
    my ($value) = @_;

    return !defined $value ? [] : ref $value eq 'ARRAY' ? $value : [$value];
}

sub envelope_problems {
    my ($answer, $code) = @_;

    my @problems;
    my $json = eval { JSON::PP->new->utf8->decode($answer->{body}) };

    return 'the body is no JSON object' if ref $json ne 'HASH';

    push @problems, 'the code of the envelope is ' . ($json->{code} // 'none')
        if ($json->{code} // '') ne $code;
    push @problems, 'the status of the envelope is ' . ($json->{status} // 'no')
        if ($json->{status} // '') ne $answer->{status};
    push @problems, 'the type is no problem+json'
        if ($answer->{headers}{'content-type'} // '')
           ne 'application/problem+json';

    for my $name (qw(content-encoding etag last-modified content-range
                     accept-ranges))
    {
        push @problems, "$name is left" if defined $answer->{headers}{$name};
    }

    return @problems;
}

# Everything that must not differ; the date may, and what shows the verdict.

sub differences {
    my ($on, $off) = @_;

    my @problems;

    my ($head, $plain) = map {
        my $text = ($_->{head} // '') . "\r\n";
        $text =~ s/boundary=\d+/boundary=/;

        # the vendor died before a header that was held is sent

        $text =~ s/^Connection:.*\r\n//m if $on->{end} eq 'cut'
                                             && $off->{end} eq 'cut';
        $text =~ s/^(?:Date|X-Verdict|X-Reason|X-Provider|X-Connection|X-Request):.*\r\n//mg;
        $text;
    } $on, $off;

    push @problems, "head differs, without the module:\n$plain"
        if $head ne $plain;
    my ($body, $plain_body) = map {
        my $text = $_->{body} // '';
        $text =~ s/^--\d{20}/--/mg if $head =~ m{ multipart/byteranges};
        $text;
    } $on, $off;

    push @problems, 'body differs, without the module: '
                    . substr($plain_body, 0, 300)
        if $body ne $plain_body;

    # a connection that was closed before its request: by one way or another

    my ($end, $plain_end) = map { $_->{end} =~ /^(?:empty|reset)$/
                                  && $_->{head} eq '' ? 'gone' : $_->{end}
                                } $on, $off;

    push @problems, "end: $end, without the module $plain_end"
        if $end ne $plain_end;

    return @problems;
}

# A connection to the port (nginx's own if there is none), with a receive buffer
# of so many bytes.

sub connect_to {
    my ($port, $buffer) = @_;

    $port //= $ENV{TEST_NGINX_SERVER_PORT};

    my $fh;

    if ($buffer) {
        socket $fh, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
        setsockopt $fh, SOL_SOCKET, SO_RCVBUF, $buffer;
        connect $fh, pack_sockaddr_in($port, INADDR_LOOPBACK)
            or die "no connection to port $port: $!\n";

    } else {
        $fh = TelephonyTest::connection($port);
    }

    binmode $fh;

    return bless { fh => $fh, in => '' };
}

sub send_bytes {
    my ($self, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';

    while (length $bytes) {
        my $n = syswrite $self->{fh}, $bytes;

        return if !$n;

        substr($bytes, 0, $n) = '';
    }
}

# Reads once: 1 for bytes, else 0 and {over} says why.

sub more {
    my ($self) = @_;

    return 0 if $self->{over};

    my $select = IO::Select->new($self->{fh});

    $! = 0;

    while (!$select->can_read($patience)) {

        if ($!{EINTR}) {
            $! = 0;         # a child has ended
            next;
        }

        $self->{over} = 'stalled';
        return 0;
    }

    my $n = sysread $self->{fh}, $self->{in}, 65536, length $self->{in};

    if (!$n) {
        $self->{over} = defined $n ? 'closed' : 'reset';
        return 0;
    }

    return 1;
}

my $asked = "$ENV{TEST_NGINX_SERVROOT}-asked";
my $asked_before = 0;

unlink $asked;

sub note_call {
    my ($request, $what) = @_;

    open my $out, '>>', $asked or die "$asked: $!\n";
    syswrite $out, ($request->{headers}{'x-case'} // '') . " $what\n";
    close $out;
}

sub calls_of {
    my ($id) = @_;

    my @calls = noted_calls($id, \my $end);

    $asked_before = $end // 0;

    return @calls;
}

sub wait_for_call {
    my ($id, $pattern) = @_;

    for (1 .. 100 * $patience) {
        return if grep { /$pattern/ } noted_calls($id);
        select undef, undef, undef, 0.01;
    }
}

sub noted_calls {
    my ($id, $end) = @_;

    open my $in, '<', $asked or return;
    seek $in, $asked_before, 0;

    my @calls = map { /^\Q$id\E (.*)$/ ? $1 : () } <$in>;

    $$end = tell $in if $end;

    return @calls;
}

END {
    unlink $asked;
}

# The next response: status, line, head, headers (by names in small letters),
# body, closing, and end: complete, eof, cut, reset, stalled, empty (nothing
# came), or early (the first byte of the body is here, and it goes on).

sub response {
    my ($self, $method, %options) = @_;

    my $answer = { head => '', body => '', headers => {}, status => '' };

    my $at;

    while (($at = index $self->{in}, "\r\n\r\n") < 0) {
        if (!$self->more) {
            $answer->{end} = length $self->{in} ? 'cut'
                             : $self->{over} eq 'closed' ? 'empty'
                                                         : $self->{over};
            return $answer;
        }
    }

    my $head = substr $self->{in}, 0, $at;
    substr($self->{in}, 0, $at + 4) = '';

    ($answer->{line}) = $head =~ /\A([^\r]*)/;
    ($answer->{status}) = $head =~ m{\AHTTP/1\.[01] (\d{3})};
    $answer->{status} //= '';
    $answer->{head} = $head;

    for my $field (split /\r\n/, $head) {
        my ($name, $value) = $field =~ /^([^:\s]+):\s*(.*?)\s*$/ or next;

        $answer->{headers}{lc $name} =
            defined $answer->{headers}{lc $name}
            ? "$answer->{headers}{lc $name}, $value" : $value;
    }

    if ($answer->{status} =~ /^1\d\d$/) {
        return $answer if $answer->{status} eq '101';
        return $self->response($method, %options);
    }

    $answer->{closing} = ($answer->{headers}{connection} // '') eq 'close';

    if ($options{early}) {
        while (!length $self->{in} && $options{early} ne 'head') {
            if (!$self->more) {
                $answer->{end} = $self->{over};
                return $answer;
            }
        }

        $answer->{end} = 'early';
        return $answer;
    }

    $answer->{end} = $self->body($answer, $method);

    return $answer;
}

sub body {
    my ($self, $answer, $method) = @_;

    my $headers = $answer->{headers};

    if ($method eq 'HEAD' || $answer->{status} =~ /^(?:204|304)$/) {
        return 'complete';
    }

    if (($headers->{'transfer-encoding'} // '') eq 'chunked') {
        return $self->chunks($answer);
    }

    my $length = $headers->{'content-length'};

    while (!defined $length || length $self->{in} < $length) {
        next if $self->more;

        $answer->{body} = $self->{in};
        $self->{in} = '';

        return $self->{over} if $self->{over} ne 'closed';
        return defined $length ? 'cut' : 'eof';
    }

    $answer->{body} = substr $self->{in}, 0, $length, '';

    return 'complete';
}

sub chunks {
    my ($self, $answer) = @_;

    while (1) {
        if ($self->{in} =~ /\A([0-9a-f]+)\r\n/i) {
            my ($size, $start) = (hex $1, $+[0]);

            if ($size == 0) {
                if ($self->{in} =~ /\A0+\r\n(?:[^\r\n]+\r\n)*\r\n/) {
                    $answer->{trailers} = $&;
                    substr($self->{in}, 0, $+[0]) = '';
                    return 'complete';
                }

            } elsif (length $self->{in} >= $start + $size + 2) {
                $answer->{body} .= substr $self->{in}, $start, $size;
                return 'bad chunk'
                    if substr($self->{in}, $start + $size, 2) ne "\r\n";
                substr($self->{in}, 0, $start + $size + 2) = '';
                next;
            }

        } elsif ($self->{in} !~ /\A[0-9a-f]*\r?\z/i) {
            return 'bad chunk';
        }

        next if $self->more;

        # what there is of the last chunk

        if ($self->{in} =~ /\A([0-9a-f]+)\r\n(.*)/is) {
            $answer->{body} .= $2;
        }

        return $self->{over} eq 'closed' ? 'cut' : $self->{over};
    }
}

# Nothing more may come: "" or what came.

sub left {
    my ($self) = @_;

    return $self->{in};
}

1;
