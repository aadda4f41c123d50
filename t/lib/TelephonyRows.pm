package TelephonyRows;

# What every vendor's document says, as answers on the wire: t/rows/*.tsv, tab
# separated:
#
#   id, HTTP status, URI below the provider's prefix, body, verdict, unified
#   code, HTTP status sent, provider.code, match, text of the document
#
# "-" is an empty body, or no value.  In a body that is no JSON \n is a newline
# and \r a carriage return.
#
# read_rows($file) returns them, a hash each, with the provider.

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(basename);

our @EXPORT = qw(read_rows);

my @columns = qw(id status uri body verdict code sent provider_code match);

sub read_rows {
    my ($file) = @_;

    my $provider = basename($file, '.tsv');
    my (@list, %seen);

    open my $in, '<', $file or die "$file: $!\n";

    while (my $line = <$in>) {
        chomp $line;
        next if $line =~ /^#|^\s*$/;

        my %row = (provider => $provider);

        @row{@columns} = split /\t/, $line;

        if (grep { !defined } @row{@columns}) {
            die "$file:$.: not enough columns\n";
        }

        die "$file:$.: id $row{id} twice\n" if $seen{ $row{id} }++;

        $row{body} = '' if $row{body} eq '-';
        $row{body} =~ s/\\([nr])/$1 eq 'n' ? "\n" : "\r"/ge
            if $row{body} !~ /^\s*[\[{]/;

        push @list, \%row;
    }

    return @list;
}

1;
