// Carries out the edits of an upload: one file, of which the ladder is then made as of any upload.
//
// Operation: one FFmpeg process reads the upload, and the other video if there is one, and writes what the creator
// asked for at a constant frame rate: nearly lossless H.264 that is quick to write, and sound as samples. Both clips'
// sounds are brought to one loudness before they are mixed. Each picture fills its part of the frame, cropped if that
// loses little, else whole on black. A duet is two halves side by side (540x960 each), or one above the other if both
// clips lie; it ends with the shorter of the two. A stitch has the size and frame rate of the reply.
// Concurrency: free functions; two jobs need two directories. Errors: as of transcode.hpp; refusals bad_edit (a trim
// past the file's end), no_sound (the other video has none).
#pragma once
#include <string>

#include "media/edits.hpp"
#include "media/transcode.hpp"

namespace vitrine::media {

inline constexpr Size duet_half{540, 960};
inline constexpr std::string_view original_name = "original.mp4";

struct Composed {
  std::string path;
  MediaProbe probe;
  double cover_s = 0;  ///< where the chosen cover is in it
};

/// The part of an upload of `duration_s` that its trim leaves. Refusal: bad_edit.
struct Window {
  double start_s = 0, end_s = 0;
  [[nodiscard]] double length_s() const { return end_s - start_s; }
};
[[nodiscard]] Checked<Window> window_of(const Edits& edits, double duration_s);

/// Where the cover is in a video that begins `before_s` ahead of the window: inside it, whatever was asked for.
[[nodiscard]] double cover_of(const Edits& edits, const Window& window, double before_s);

/// `job.input` is the upload; the other video, if edits.loan names one, is `original_name` in the job's directory.
[[nodiscard]] Checked<Composed> compose(const TranscodeJob& job, const Edits& edits);

}  // namespace vitrine::media
