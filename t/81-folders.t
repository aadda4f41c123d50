# auto/lint folders: a file of ngx_module/ uses its own folder and those below
# it, and no two files use each other.  Each case is a copy of the sources with
# one line or one file more.

use strict;
use warnings;

use lib 't/lib';

use File::Path qw(make_path remove_tree);
use Test::More;
use TelephonyTest ();

my $root = $TelephonyTest::root;
my $dir = "$TelephonyTest::build/test/folders-$$";

is(lint(), '', 'the sources as they are');

like(lint('judge/ngx_tel_verdict.c' => '#include "ngx_tel_request.h"'),
     qr{^ngx_module/judge/ngx_tel_verdict\.c:\d+: request/ is not below judge/$}m,
     'a header of a folder above');

like(lint('base/ngx_tel_text.h' => '#  include  "ngx_tel_catalog.h"'),
     qr{^ngx_module/base/ngx_tel_text\.h:\d+: catalog/ is not below base/$}m,
     'in a header, too, and with blanks');

like(lint('answer/ngx_tel_own.c' => '#include "ngx_tel_skim.h"'),
     qr{^ngx_module/answer/ngx_tel_own\.c:\d+: read/ is not below answer/$}m,
     'a header of a folder beside');

like(lint('operate/ngx_tel_zone.c' => '#include "ngx_tel_nowhere.h"'),
     qr{^ngx_module/operate/ngx_tel_zone\.c:\d+: no file is called ngx_tel_nowhere\.h$}m,
     'a header that is none of the module');

like(lint('judge/ngx_tel_template.c' => '#include "../request/ngx_tel_request.h"'),
     qr{^ngx_module/judge/ngx_tel_template\.c:\d+: no file is called \.\./request/ngx_tel_request\.h$}m,
     'a header by its path');

like(lint('extra/ngx_tel_extra.c' => '#include "ngx_tel.h"'),
     qr{^ngx_module/extra/ngx_tel_extra\.c:\d+: extra/ is not in the table$}m,
     'a folder that the table does not have');

like(lint('judge/ngx_tel_verdict.h' => '#include "ngx_tel_classify.h"'),
     qr{^a circle of files: (?:ngx_tel_verdict ngx_tel_classify|ngx_tel_classify ngx_tel_verdict)$}m,
     'two files of one folder that use each other');

like(lint('operate/ngx_tel_zone.h' => '#include "ngx_tel_metrics.h"'),
     qr{^a circle of files: (?=.*ngx_tel_zone)(?=.*ngx_tel_metrics)}m,
     'a header that uses one which uses it');

like(lint('judge/ngx_tel_classify.h' => 'void f(ngx_http_request_t *r);'),
     qr{^judge/ngx_tel_classify\.h:.*\nthese know a request$}m,
     'a request where none is known');

remove_tree($dir);

done_testing();


# What the check says of the sources with one line more.

sub lint {
    my ($file, $line) = @_;

    remove_tree($dir);
    make_path("$dir/auto");

    system("cp -r '$root/ngx_module' '$dir/' && cp '$root/auto/lint' '$dir/auto/'") == 0
        or die "no copy of the sources in $dir\n";

    # its packages are for other checks

    write_file("$dir/auto/deps", "#!/bin/sh\n");
    chmod 0755, "$dir/auto/deps";

    if (defined $file) {
        my ($folder) = "$dir/ngx_module/$file" =~ m{(.*)/};

        make_path($folder);
        write_file("$dir/ngx_module/$file", "$line\n");
    }

    my $said = `$dir/auto/lint folders 2>&1 >/dev/null`;
    my $failed = $?;

    is(!!$failed, $said ne '', 'the exit status tells') if defined $file;

    return $said;
}

sub write_file {
    my ($file, $text) = @_;

    open my $out, '>>', $file or die "$file: $!\n";
    print $out $text;
    close $out;
}
