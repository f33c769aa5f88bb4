// The HTTPS port and its API.

export { registerRoutes } from './routes.ts';
export { createHttpServer, type HttpServer, renewDaily } from './server.ts';
