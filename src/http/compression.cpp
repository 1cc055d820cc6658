#include "http/compression.hpp"

#include <memory>
#include <new>
#include <zlib.h>

#include "http/text.hpp"

namespace vitrine::http {
namespace {

constexpr int level = 1;  // about half the time of the usual 6 for a tenth more bytes
constexpr int gzip_window_bits = 15 + 16, memory_level = 8;

Bytef* bytes_of(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

/// Its quarter of a megabyte is kept for the next text of this thread.
class Packer {
 public:
  Packer() {
    if (deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~Packer() { deflateEnd(&stream_); }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  std::string pack(std::string_view text) {
    deflateReset(&stream_);
    std::string packed(deflateBound(&stream_, text.size()), '\0');
    stream_.next_in = bytes_of(text);
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = bytes_of(packed);
    stream_.avail_out = static_cast<uInt>(packed.size());
    VT_ASSERT(deflate(&stream_, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream_.total_out);
    return packed;
  }

 private:
  z_stream stream_{};
};

bool is_text(std::string_view content_type) {
  const auto type = trim(content_type.substr(0, content_type.find(';')));
  return type.starts_with("text/") || type == "application/json" || type == "application/problem+json";
}

}  // namespace

void compress(const Request& request, Response& response) {
  auto* body = std::get_if<std::string>(&response.body);
  auto& headers = response.headers;
  if (!body || body->size() < packed_bytes_min || !is_text(headers.get("Content-Type")) ||
      headers.find("Content-Encoding") || headers.find("ETag"))
    return;
  const auto vary = headers.get("Vary");
  headers.set("Vary", vary.empty() ? "Accept-Encoding" : fmt::format("{}, Accept-Encoding", vary));
  if (!accepts_gzip(request.headers.get("Accept-Encoding"))) return;
  thread_local Packer packer;
  *body = packer.pack(*body);
  headers.set("Content-Encoding", "gzip");
}

Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window_bits) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = bytes_of(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    if (text.size() > bytes_max) return fail(Errc::too_large, "over {} bytes when unpacked", bytes_max);
    const auto before = text.size();
    text.resize(before + std::max<std::size_t>(packed.size() * 4, 4'096));
    stream.next_out = bytes_of(text) + before;
    stream.avail_out = static_cast<uInt>(text.size() - before);
    state = inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
    if (state != Z_STREAM_END && (state != Z_OK || text.size() == before))
      return fail(Errc::invalid_argument, "this is not gzip, or not all of it");
  }
  if (text.size() > bytes_max) return fail(Errc::too_large, "over {} bytes when unpacked", bytes_max);
  return text;
}

}  // namespace vitrine::http
