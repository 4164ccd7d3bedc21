#!/usr/bin/perl
# Runs jobs for the host. Commands and answers are short lines on the serial line; scripts and output are files in
# $GUEST_DIR/jobs, because the line loses its input for good once about 3 KB of it stand unread.
#   from the host: run ID NAMESPACE|- TIMEOUT_MS    kill ID SIGNAL    ping ID    off
#   to the host:   ready    taken (a command was read)    done ID STATUS exited|killed|timeout    pong ID
use strict;
use warnings;
use Fcntl;
use POSIX ":sys_wait_h";
use Time::HiRes "time";

my $serial = $ENV{GUEST_SERIAL};
my $jobs = "$ENV{GUEST_DIR}/jobs";
my (%pid_of, %job_of);

system("stty -F $serial raw -echo -isig") == 0 or die "stty $serial: $?\n";
sysopen(my $line, $serial, O_RDWR | O_NOCTTY) or die "$serial: $!\n";

# A child's end must wake the select below: its signal handler writes to this pipe.
pipe(my $wake_read, my $wake_write) or die "pipe: $!\n";
fcntl($_, F_SETFL, O_NONBLOCK) for $wake_read, $wake_write;
$SIG{CHLD} = sub { syswrite $wake_write, "x" };

tell_host("ready");
my $input = "";
while (1) {
  wait_for_input();
  while ($input =~ s/^([^\n]*)\n//) { obey($1) }
  reap();
  kill_overdue();
}

sub tell_host {
  my $text = "@_\n";
  while (length $text) {
    my $written = syswrite($line, $text);
    if (defined $written) { substr($text, 0, $written) = "" }
    else { select(undef, undef, undef, 0.002) }
  }
}

sub wait_for_input {
  my $readable = "";
  vec($readable, fileno $_, 1) = 1 for $line, $wake_read;
  my $count = select($readable, undef, undef, %job_of ? 0.25 : undef);
  return if $count <= 0;
  sysread $wake_read, my $ignored, 4096 if vec($readable, fileno $wake_read, 1);
  if (vec($readable, fileno $line, 1)) {
    sysread($line, $input, 4096, length $input) or exit 0;
  }
}

sub obey {
  my ($verb, $id, @rest) = split " ", shift;
  tell_host("taken");
  if ($verb eq "run") { start($id, @rest) }
  elsif ($verb eq "kill") { kill $rest[0], -$pid_of{$id} if $pid_of{$id} }
  elsif ($verb eq "ping") { tell_host("pong", $id) }
  elsif ($verb eq "off") { exit 0 }
}

sub start {
  my ($id, $namespace, $timeout_ms) = @_;
  my $pid = fork;
  die "fork: $!\n" unless defined $pid;
  if ($pid == 0) {
    setpgrp;
    $SIG{CHLD} = "DEFAULT";
    chdir "/";
    open STDIN, "<", "/dev/null";
    open STDOUT, ">", "$jobs/$id.out";
    open STDERR, ">", "$jobs/$id.err";
    my @enter = $namespace eq "-" ? () : ("ip", "netns", "exec", $namespace);
    exec @enter, "/bin/sh", "$jobs/$id.sh";
    POSIX::_exit(127);
  }
  # Also here: a signal may follow before the child has made itself a group.
  setpgrp $pid, $pid;
  $pid_of{$id} = $pid;
  $job_of{$pid} = { id => $id, deadline => time + $timeout_ms / 1000, overdue => 0 };
}

sub reap {
  while ((my $pid = waitpid(-1, WNOHANG)) > 0) {
    my $signal = $? & 127;
    my $status = $signal ? 128 + $signal : $? >> 8;
    my $job = delete $job_of{$pid} or next;
    delete $pid_of{$job->{id}};
    tell_host("done", $job->{id}, $status, $job->{overdue} ? "timeout" : $signal ? "killed" : "exited");
  }
}

sub kill_overdue {
  for my $pid (keys %job_of) {
    my $job = $job_of{$pid};
    next if time < $job->{deadline};
    $job->{overdue} = 1;
    kill "KILL", -$pid;
  }
}
