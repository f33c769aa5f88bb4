// Where recordings live.

export { createRecordings, type RecordingService } from './service.ts';
