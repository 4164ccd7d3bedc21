# Runs a command with its output in a file and prints what it cost as JSON.
# usage: perl rusage.pl LOG COMMAND...
use strict;
use warnings;
use Time::HiRes qw(time);

my ($log, @command) = @ARGV;
my $start = time;
my $pid = fork // die "fork: $!\n";
if ($pid == 0) {
    open(STDOUT, '>', $log) or die "$log: $!\n";
    open(STDERR, '>&', \*STDOUT) or die "$log: $!\n";
    exec(@command) or die "$command[0]: $!\n";
}
waitpid($pid, 0);
my ($status, $wall) = ($?, time - $start);
# getrusage(2) of x86_64, RUSAGE_CHILDREN: two timevals, then ru_maxrss in KiB.
my $usage = "\0" x 144;
syscall(98, -1, $usage) == 0 or die "getrusage: $!\n";
my ($userS, $userUs, $systemS, $systemUs, $peakKiB) = unpack('q5', $usage);
my $cpuMs = ($userS + $systemS) * 1000 + ($userUs + $systemUs) / 1000;
printf qq({"status":%d,"wallMs":%.3f,"cpuMs":%.3f,"peakKiB":%d}\n), $status, $wall * 1000, $cpuMs, $peakKiB;
