#!/usr/bin/ruby
# The readable text of mails, by the mail library. Paths on stdin, one JSON line each on stdout.
require 'json'
require 'mail'

def leaves(part)
  return part.parts.flat_map { |child| leaves(child) } if part.multipart? && !part.parts.empty?
  return [] unless part.mime_type.nil? || part.mime_type.start_with?('text/')

  [{ charset: '', text: [part.decoded.dup.force_encoding('BINARY')].pack('m0') }]
end

$stdout.sync = true
$stdin.each_line do |line|
  answer = begin
    leaves(Mail.new(File.binread(line.chomp)))
  rescue StandardError, SystemStackError => e
    warn "#{line.chomp}: #{e.class}"
    []
  end
  puts JSON.generate(answer)
end
