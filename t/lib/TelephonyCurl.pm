package TelephonyCurl;

# Asks by curl what a raw connection cannot: over HTTP/2 and HTTP/3.
#
#     wire('an error', ask => by_curl(2, 'http://localhost', '--unix-socket',
#                                     "$root/h2.sock"), ...);
#     wire('an error', ask => by_curl(3, "https://127.0.0.1:$port"), ...);
#
# The answers are those of TelephonyWire; names of headers are written as in
# HTTP/1.1.  curl_command() is the command, for what curl is to do otherwise.
# no_http3() says why HTTP/3 cannot be asked here, and nothing where it can.

use strict;
use warnings;

use Exporter 'import';

use TelephonyTest ();

our @EXPORT = qw(by_curl curl_command no_http3);

my %version = (2 => '--http2-prior-knowledge', 3 => '--http3-only');

sub curl_command {
    my ($version, $case, @options) = @_;

    return ('curl', '-s', '-k', $version{$version}, '--max-time', 60,
            (map { ('-H', $_) } "X-Case: $case->{id}",
                                @{ $case->{headers} // [] }),
            @options);
}

sub by_curl {
    my ($version, $base, @options) = @_;

    return sub {
        my ($case, $location) = @_;

        my @more = ($case->{method} // '') eq 'HEAD' ? ('-I') : ('-i');

        if (length($case->{body_sent} // '')) {
            my $file = "$ENV{TEST_NGINX_SERVROOT}-own/body";

            TelephonyTest::spew($file, $case->{body_sent});
            push @more, '--data-binary', "\@$file";
        }

        open my $out, '-|', curl_command($version, $case, @options, @more,
            '-w', '\n[%{http_version} %{exitcode} %{errormsg}]\n',
            "$base$location")
            or die "curl: $!\n";
        my $text = do { local $/; <$out> };
        close $out;

        return answer_of_curl($version, $text);
    };
}

sub answer_of_curl {
    my ($wanted, $text) = @_;

    $text =~ /\AHTTP\/\d (\d+)(.*?)\r\n\r\n(.*)\n\[(\d+) (\d+) .*\]\n\z/s
        or return { status => '', head => '', body => '', headers => {},
                    end => "no answer: $text" };

    my ($status, $head, $body, $version, $exit) = ($1, $2, $3, $4, $5);

    $head =~ s/^([a-z0-9-]+)(?=:)/join '-', map { ucfirst } split m{-}, $1/gme;

    my %headers = map { /^([^:]+): ?(.*)/ ? (lc $1, $2) : () }
                  split /\r\n/, $head;

    return { status => $status, head => $head, body => $body,
             headers => \%headers,
             end => $version == $wanted && $exit == 0 ? 'complete'
                    : "HTTP/$version, exit $exit" };
}

sub no_http3 {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    my ($version) = `$nginx -v 2>&1` =~ m{nginx/([\d.]+)};

    return "nginx $version is built without HTTP/3"
        if `$nginx -V 2>&1` !~ /--with-http_v3_module/;

    return 'curl is built without HTTP/3'
        if `curl -V` !~ /^Features:.* HTTP3\b/m;

    return '';
}

1;
