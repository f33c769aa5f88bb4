// Recordings of what happened on a terminal: written as it happens, verified as they are read.

export { type AsciicastOptions, toAsciicast } from './asciicast.ts';
export type { RecordingFailure, RecordingFailureCode } from './failure.ts';
export type { Frame, FrameKind } from './frame.ts';
export { type RecordingHeader, recordingHeader, type SealRecord, sealRecord, type Totals } from './header.ts';
export { type PlayOptions, play } from './play.ts';
export {
  type Recording,
  type RecordingOutcome,
  type RecordingReport,
  readRecording,
  verifyRecording,
} from './reader.ts';
export { type RecoveredRecording, recoverRecording } from './recover-recording.ts';
export { type RecordingOptions, type RecordingWriter, type SealedRecording, startRecording } from './writer.ts';
