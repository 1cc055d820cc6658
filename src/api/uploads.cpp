// tus 1.0.0 (tus.io/protocols/resumable-upload): core, creation, expiration, checksum, termination.
#include "media/uploads.hpp"

#include <charconv>
#include <ctime>

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "base/crypto.hpp"
#include "social/videos.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view tus_version = "1.0.0";
constexpr std::string_view tus_extensions = "creation,expiration,checksum,termination";
constexpr std::string_view tus_algorithms = "sha1,sha256";
constexpr int status_checksum_mismatch = 460;
constexpr std::size_t metadata_bytes_max = 8 << 10;

std::string http_date(TimeMs time) {
  const std::time_t seconds = time / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

Response tus(int status) {
  auto response = Response::empty(status);
  response.headers.set("Tus-Resumable", tus_version);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Response tus_problem(Response response) {
  response.headers.set("Tus-Resumable", tus_version);
  return response;
}
Response tus_problem(const Error& error) { return tus_problem(http::problem(error)); }

Result<std::int64_t> number_header(const Request& request, std::string_view name) {
  const auto text = request.headers.get(name);
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0)
    return fail(Errc::invalid_argument, "the header {} must be a whole number", name);
  return value;
}

std::optional<Response> refuse_version(const Request& request) {
  if (request.headers.get("Tus-Resumable") == tus_version) return std::nullopt;
  auto response = http::problem(412, "unsupported", "Wrong tus version", "the header Tus-Resumable must be 1.0.0");
  response.headers.set("Tus-Version", tus_version);
  return tus_problem(std::move(response));
}

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto tag = text.substr(0, comma);
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (!tag.empty()) tags.emplace_back(tag);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return tags;
}

/// "key base64,key base64,flag": unknown keys are passed over, as tus wants.
Result<media::UploadMetadata> parse_metadata(std::string_view header) {
  if (header.size() > metadata_bytes_max)
    return fail(Errc::too_large, "Upload-Metadata has at most {} bytes", metadata_bytes_max);
  media::UploadMetadata metadata;
  while (!header.empty()) {
    const auto comma = header.find(',');
    auto pair = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const auto space = pair.find(' ');
    const auto key = pair.substr(0, space);
    const auto encoded = space == std::string_view::npos ? std::string_view() : pair.substr(space + 1);
    auto value = crypto::from_base64(encoded);
    if (key.empty() || !value) return fail(Errc::invalid_argument, "Upload-Metadata is a list of \"key base64\" pairs");
    if (key == "filename")
      metadata.filename = std::move(*value);
    else if (key == "filetype")
      metadata.filetype = std::move(*value);
    else if (key == "caption")
      metadata.caption = std::move(*value);
    else if (key == "tags")
      metadata.tags = split_tags(*value);
  }
  VT_TRY(metadata.filename, social::checked_text(metadata.filename, 255, "a file name"));
  VT_TRY(metadata.filetype, social::checked_text(metadata.filetype, 255, "a file type"));
  VT_TRY(metadata.caption, social::checked_text(metadata.caption, social::caption_characters_max, "a caption"));
  VT_TRY(metadata.tags, social::checked_tags(metadata.tags, metadata.caption));
  return metadata;
}

Result<std::optional<media::PieceChecksum>> parse_checksum(const Request& request) {
  const auto header = request.headers.find("Upload-Checksum");
  if (!header) return std::nullopt;
  const auto space = header->find(' ');
  const auto algorithm = header->substr(0, space);
  auto digest = crypto::from_base64(space == std::string_view::npos ? "" : header->substr(space + 1));
  using Algorithm = media::PieceChecksum::Algorithm;
  const bool sha1 = algorithm == "sha1", sha256 = algorithm == "sha256";
  const std::size_t digest_bytes = sha1 ? 20 : 32;
  if ((!sha1 && !sha256) || !digest || digest->size() != digest_bytes)
    return fail(Errc::invalid_argument, "Upload-Checksum must be \"sha1 BASE64\" or \"sha256 BASE64\"");
  std::optional<media::PieceChecksum> checksum(std::in_place);
  checksum->algorithm = sha1 ? Algorithm::sha1 : Algorithm::sha256;
  checksum->digest = std::move(*digest);
  return checksum;
}

Response capabilities(Rooms&, const Request&) {
  auto response = tus(204);
  response.headers.set("Tus-Version", tus_version);
  response.headers.set("Tus-Extension", tus_extensions);
  response.headers.set("Tus-Max-Size", fmt::to_string(media::upload_bytes_max));
  response.headers.set("Tus-Checksum-Algorithm", tus_algorithms);
  return response;
}

Result<Response> create(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  if (request.headers.find("Upload-Defer-Length"))
    return fail(Errc::invalid_argument, "the length must be known: send Upload-Length");
  VT_TRY(const auto length, number_header(request, "Upload-Length"));
  VT_TRY(const auto metadata, parse_metadata(request.headers.get("Upload-Metadata")));
  VT_TRY(const auto upload, rooms.uploads.create(account.id, length, metadata));
  auto response = tus(201);
  response.headers.set("Location", fmt::format("/uploads/{}", upload.id));
  response.headers.set("Upload-Expires", http_date(upload.expires_at));
  response.headers.set("Upload-Offset", "0");
  return response;
}

Result<Response> look(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto upload, rooms.uploads.find(account.id, request.parameter("id")));
  auto response = tus(200);
  response.headers.set("Upload-Offset", fmt::to_string(upload.offset));
  response.headers.set("Upload-Length", fmt::to_string(upload.length));
  if (!upload.finished) response.headers.set("Upload-Expires", http_date(upload.expires_at));
  return response;
}

Result<Response> terminate(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.uploads.terminate(account.id, request.parameter("id")));
  return tus(204);
}

/// Hands the request's body on to the upload.
class PieceSink final : public http::BodySink {
 public:
  explicit PieceSink(std::unique_ptr<media::Piece> piece) : piece_(std::move(piece)) {}
  Result<void> write(std::span<const char> bytes) override { return piece_->write(bytes); }
  Response finish() override {
    const auto upload = piece_->finish();
    if (!upload && upload.error().code == Errc::unprocessable)
      return tus_problem(
          http::problem(status_checksum_mismatch, "checksum-mismatch", "Checksum mismatch", upload.error().message));
    if (!upload) return tus_problem(upload.error());
    auto response = tus(204);
    response.headers.set("Upload-Offset", fmt::to_string(upload->offset));
    if (!upload->finished) response.headers.set("Upload-Expires", http_date(upload->expires_at));
    return response;
  }
  void abort() override { piece_->abort(); }

 private:
  std::unique_ptr<media::Piece> piece_;
};

Result<std::unique_ptr<http::BodySink>> begin_piece(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  if (request.headers.get("Content-Type") != "application/offset+octet-stream")
    return fail(Errc::unsupported, "the content type must be application/offset+octet-stream");
  VT_TRY(const auto offset, number_header(request, "Upload-Offset"));
  std::optional<std::int64_t> length;
  if (request.headers.find("Content-Length")) {
    VT_TRY(length, number_header(request, "Content-Length"));
  }
  VT_TRY(auto checksum, parse_checksum(request));
  VT_TRY(auto piece, rooms.uploads.append(account.id, request.parameter("id"), offset, length, std::move(checksum)));
  return std::make_unique<PieceSink>(std::move(piece));
}

/// A resource's function as a handler that speaks tus.
http::Handler tus_answer(Rooms& rooms, Result<Response> (*resource)(Rooms&, const Request&)) {
  return [&rooms, resource](const Request& request) {
    if (auto refused = refuse_version(request)) return std::move(*refused);
    auto response = resource(rooms, request);
    return response ? std::move(*response) : tus_problem(response.error());
  };
}

}  // namespace

void add_uploads(http::Router& router, Rooms& rooms) {
  using http::Method;
  for (const char* pattern : {"/uploads", "/uploads/{id}"}) {
    router.add(Method::options, pattern, [&rooms](const Request& request) { return capabilities(rooms, request); },
               {.run = http::Run::inline_});
  }
  router.add(Method::post, "/uploads", tus_answer(rooms, create));
  router.add(Method::head, "/uploads/{id}", tus_answer(rooms, look));
  router.add(Method::del, "/uploads/{id}", tus_answer(rooms, terminate));
  router.add_upload(
      Method::patch, "/uploads/{id}",
      [&rooms](const Request& request) -> std::variant<std::unique_ptr<http::BodySink>, Response> {
        if (auto refused = refuse_version(request)) return std::move(*refused);
        auto sink = begin_piece(rooms, request);
        if (!sink) return tus_problem(sink.error());
        return std::move(*sink);
      },
      media::upload_bytes_max);
}

}  // namespace vitrine::api
