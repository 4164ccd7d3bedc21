#!/usr/bin/perl
# usage: meter.pl GROUP inside|outside LOG exit|line=TEXT|services=N COMMAND...
# Runs a command and says what the processes of a control group (below /run/cgroup, made if it is not there) cost meanwhile.
# `inside` puts the command into the group; `outside` is for a command that makes a daemon in the group work.
# It has happened when the command exits, its output (in the file LOG) has the text, or N services use the scheduler rr.
# Then it waits until the group is idle. A control group counts every process and thread, also those that have ended.
use strict;
use warnings;
use POSIX ":sys_wait_h";
use Time::HiRes "clock_gettime", "CLOCK_MONOTONIC", "sleep";

my $poll_s = 0.01;
# Idle: less than this share of a CPU over this long. User-mode Linux counts CPU in steps of 10 ms.
my $quiet_s = 1;
my $quiet_cpu_ms = 20;
my $give_up_s = 600;

my ($group, $place, $log, $until, @command) = @ARGV;
my $dir = "/run/cgroup/$group";
-d $dir or mkdir $dir or die "$dir: $!\n";

# What an earlier run wrote must not be taken for this one's.
unlink $log;

my $start_cpu_ms = cpu_ms();
my $start_s = now_s();
my $pid = fork // die "fork: $!\n";
if ($pid == 0) {
  write_file("$dir/cgroup.procs", $$) if $place eq "inside";
  setpgrp;
  open STDOUT, ">", $log or die "$log: $!\n";
  open STDERR, ">&", \*STDOUT or die "$log: $!\n";
  exec @command or POSIX::_exit(127);
}

my ($status, $happened_ms, $happened_cpu_ms) = (undef, undef, undef);
until (defined $happened_ms) {
  $status = $? if !defined $status && waitpid($pid, WNOHANG) == $pid;
  if ($until eq "exit" ? defined $status : happened()) {
    ($happened_ms, $happened_cpu_ms) = (passed_ms(), cpu_ms() - $start_cpu_ms);
  } elsif (defined $status && $place eq "inside") {
    die "ended with status $status before $until:\n" . read_file($log);
  } else {
    sleep $poll_s;
  }
}

# Candidates for the beginning of the quiet time, oldest first.
my @samples = ([passed_ms(), cpu_ms()]);
while (1) {
  sleep $poll_s;
  my ($ms, $cpu) = (passed_ms(), cpu_ms());
  shift @samples while @samples && $cpu - $samples[0][1] > $quiet_cpu_ms;
  push @samples, [$ms, $cpu];
  last if $ms - $samples[0][0] >= $quiet_s * 1000;
  die "not idle $give_up_s s after $until\n" if $ms - $happened_ms > $give_up_s * 1000;
}
my ($settled_ms, $settled_cpu) = @{$samples[0]};
my $settled_cpu_ms = $settled_cpu - $start_cpu_ms;
$status = $? if !defined $status && waitpid($pid, WNOHANG) == $pid;
my $exit = defined $status ? $status >> 8 | ($status & 127 ? 128 + ($status & 127) : 0) : "null";
printf '{"status":%s,"happenedMs":%.1f,"happenedCpuMs":%.3f,"settledMs":%.1f,"settledCpuMs":%.3f}' . "\n",
  $exit, $happened_ms, $happened_cpu_ms, $settled_ms, $settled_cpu_ms;

sub happened {
  my ($kind, $wanted) = split /=/, $until, 2;
  return index(read_file($log), $wanted) >= 0 if $kind eq "line";
  return read_file("/sys/module/ip_vs_rr/refcnt") == $wanted if $kind eq "services";
  die "until $until?\n";
}

sub now_s { return clock_gettime(CLOCK_MONOTONIC) }
sub passed_ms { return (now_s() - $start_s) * 1000 }

sub cpu_ms {
  my ($usec) = read_file("$dir/cpu.stat") =~ /^usage_usec (\d+)/m;
  return $usec / 1000;
}

sub read_file {
  open my $file, "<", $_[0] or return "";
  local $/;
  return <$file> // "";
}

sub write_file {
  open my $file, ">", $_[0] or die "$_[0]: $!\n";
  print {$file} $_[1];
  close $file or die "$_[0]: $!\n";
}
