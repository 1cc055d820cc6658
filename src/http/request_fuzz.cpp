// Everything that reads what a stranger sends before a handler sees it: heads, chunks, targets, cookies, ranges, tags.
#include "base/pch.hpp"
#include "base/unicode.hpp"
#include "http/compression.hpp"
#include "http/head_parser.hpp"
#include "http/text.hpp"

namespace {

using namespace vitrine;
using namespace vitrine::http;

void read_range(std::string_view text) {
  const auto size = static_cast<std::int64_t>(text.size() % 7 * 1000);
  const ByteRange range = parse_range(text, size);
  if (range.kind == ByteRange::Kind::part)
    VT_ASSERT(range.first >= 0 && range.first <= range.last && range.last < size);
}

void read_target(std::string_view text) {
  Target target;
  if (!parse_target(text, target)) return;
  VT_ASSERT(target.path.starts_with('/') && is_utf8(target.path) && target.query.size() <= query_pairs_max);
  VT_ASSERT(target.path.find('\0') == std::string::npos);
  VT_ASSERT(target.path.find("/../") == std::string::npos && !target.path.ends_with("/.."));
}

/// A body in pieces must come out the same as at once.
std::optional<std::string> decode(RequestParser& parser, std::string_view body, std::size_t step) {
  std::string out, pending;
  std::array<char, 64> room;
  while (true) {
    const auto decoded = parser.decode_chunked(pending, room);
    if (decoded.state == RequestParser::ChunkedStep::State::malformed) return std::nullopt;
    out.append(room.data(), decoded.produced);
    pending.erase(0, decoded.consumed);
    if (decoded.state == RequestParser::ChunkedStep::State::done) return out;
    if (decoded.consumed > 0) continue;
    if (body.empty()) return std::nullopt;
    pending.append(body.substr(0, step));
    body.remove_prefix(std::min(step, body.size()));
  }
}

void read_request(std::string_view text) {
  const auto scan = scan_head(text, 0);
  if (scan.state != HeadScan::State::complete) return;
  const auto head = text.substr(0, scan.length), body = text.substr(scan.length);
  std::array<std::optional<std::string>, 2> bodies;
  for (std::size_t way = 0; way < 2; ++way) {
    Request request;
    RequestParser parser(request);
    if (parser.parse_head(head)) return;
    VT_ASSERT(parser.body_length() >= 0);
    read_target(parser.target());
    (void)request.cookie("session");
    if (parser.chunked()) bodies[way] = decode(parser, body, way == 0 ? 1 : 4096);
  }
  VT_ASSERT(bodies[0] == bodies[1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_range(text);
  read_target(text);
  (void)cookie_value(text, "session");
  (void)names_etag(text, "\"tag\"");
  (void)accepts_gzip(text);
  if (const auto unpacked = gunzip(text, 4'096)) VT_ASSERT(unpacked->size() <= 4'096);
  read_request(text);
  return 0;
}
