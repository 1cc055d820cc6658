// tus 1.0.0 (tus.io/protocols/resumable-upload): core, creation, expiration, checksum, termination.
#include "media/uploads.hpp"

#include <ctime>

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/credits.hpp"
#include "api/render.hpp"
#include "api/tus.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view tus_version = "1.0.0";
constexpr std::string_view tus_extensions = "creation,expiration,checksum,termination";
constexpr std::string_view tus_algorithms = "sha1,sha256";
constexpr int status_checksum_mismatch = 460;

std::string http_date(TimeMs time) {
  const std::time_t seconds = time / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

Response tus_response(int status) {
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

std::optional<Response> refuse_version(const Request& request) {
  if (request.headers.get("Tus-Resumable") == tus_version) return std::nullopt;
  auto response = http::problem(412, "unsupported", "Wrong tus version", "the header Tus-Resumable must be 1.0.0");
  response.headers.set("Tus-Version", tus_version);
  return tus_problem(std::move(response));
}

Response capabilities(Rooms&, const Request&) {
  auto response = tus_response(204);
  response.headers.set("Tus-Version", tus_version);
  response.headers.set("Tus-Extension", tus_extensions);
  response.headers.set("Tus-Max-Size", fmt::to_string(media::upload_bytes_max));
  response.headers.set("Tus-Checksum-Algorithm", tus_algorithms);
  return response;
}

/// Takes the old one's place when it is ready. What a moderator has withheld stays as it was found.
Result<void> check_replaceable(Rooms& rooms, const Request& request, std::string_view id) {
  VT_TRY(const auto video, own_video(rooms, request, id));
  if (video.is_withheld()) return fail(Errc::conflict, "a moderator has withheld this video: it stays as it is");
  return {};
}

Result<Response> create(Rooms& rooms, const Request& request, media::UploadMetadata metadata) {
  VT_TRY(const auto account, require_account(rooms, request));
  if (request.headers.find("Upload-Defer-Length"))
    return fail(Errc::invalid_argument, "the length must be known: send Upload-Length");
  VT_TRY(const auto length, tus::parse_number("Upload-Length", request.headers.get("Upload-Length")));
  VT_CHECK(check_loan(rooms, account, metadata.edits));
  if (!metadata.replaces.empty()) VT_CHECK(check_replaceable(rooms, request, metadata.replaces));
  VT_CHECK(social::check_publish_at(metadata.publish_at, rooms.clock.now()));
  VT_TRY(const auto upload, rooms.uploads.create(account.id, length, metadata));
  auto response = tus_response(201);
  response.headers.set("Location", fmt::format("/uploads/{}", upload.id));
  response.headers.set("Upload-Expires", http_date(upload.expires_at));
  response.headers.set("Upload-Offset", "0");
  return response;
}

Result<Response> create_upload(Rooms& rooms, const Request& request) {
  VT_TRY(auto metadata, tus::parse_metadata(request.headers.get("Upload-Metadata")));
  return create(rooms, request, std::move(metadata));
}

Result<Response> create_replacement(Rooms& rooms, const Request& request) {
  VT_TRY(auto metadata, tus::parse_metadata(request.headers.get("Upload-Metadata")));
  metadata.replaces = request.parameter("id");
  return create(rooms, request, std::move(metadata));
}

Result<Response> look(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto upload, rooms.uploads.find(account.id, request.parameter("id")));
  auto response = tus_response(200);
  response.headers.set("Upload-Offset", fmt::to_string(upload.offset));
  response.headers.set("Upload-Length", fmt::to_string(upload.length));
  if (!upload.finished) response.headers.set("Upload-Expires", http_date(upload.expires_at));
  return response;
}

Result<Response> terminate(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.uploads.terminate(account.id, request.parameter("id")));
  return tus_response(204);
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
    auto response = tus_response(204);
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
  VT_TRY(const auto offset, tus::parse_number("Upload-Offset", request.headers.get("Upload-Offset")));
  std::optional<std::int64_t> length;
  if (const auto given = request.headers.find("Content-Length")) {
    VT_TRY(length, tus::parse_number("Content-Length", *given));
  }
  std::optional<media::PieceChecksum> checksum;
  if (const auto given = request.headers.find("Upload-Checksum")) {
    VT_TRY(checksum, tus::parse_checksum(*given));
  }
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
  router.add(Method::post, "/uploads", tus_answer(rooms, create_upload));
  router.add(Method::post, "/api/v1/videos/{id}/replacement", tus_answer(rooms, create_replacement));
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
