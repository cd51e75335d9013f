/// Starts the app.
import {
  inject,
  provideAppInitializer,
  provideBrowserGlobalErrorListeners,
  provideZonelessChangeDetection,
} from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter, withComponentInputBinding, withEnabledBlockingInitialNavigation } from '@angular/router';

import { App } from './app/app';
import { routes } from './app/routes';
import { SessionService } from './app/session';

bootstrapApplication(App, {
  providers: [
    provideZonelessChangeDetection(),
    provideBrowserGlobalErrorListeners(),
    // The skeleton stays until it is known which page to show.
    provideRouter(routes, withComponentInputBinding(), withEnabledBlockingInitialNavigation()),
    // Asked beside the start, and not waited for here: the guards of the routes do that.
    provideAppInitializer(() => void inject(SessionService).known()),
  ],
}).catch((error: unknown) => console.error(error));
