/// Which page an address shows, and who may see it.
import { inject } from '@angular/core';
import { type CanActivateFn, Router, type Routes } from '@angular/router';

import { ConversationView } from './components/conversation';
import { NothingOpen } from './components/nothing-open';
import { ChatPage } from './pages/chat';
import { LoginPage } from './pages/login';
import { SessionService } from './session';

const signedIn: CanActivateFn = async (_, { url }) => {
  const [session, router] = [inject(SessionService), inject(Router)];
  const queryParams = url === '/' ? {} : { next: url };
  return (await session.known()) !== null || router.createUrlTree(['/login'], { queryParams });
};

const signedOut: CanActivateFn = async () => {
  const [session, router] = [inject(SessionService), inject(Router)];
  return (await session.known()) === null || router.createUrlTree(['/']);
};

// Both pages come with the first download: whoever signs in goes on to the chat.
export const routes: Routes = [
  { path: 'login', component: LoginPage, canActivate: [signedOut] },
  {
    path: '',
    component: ChatPage,
    canActivate: [signedIn],
    children: [
      { path: '', pathMatch: 'full', component: NothingOpen },
      { path: 'people/:username', component: ConversationView },
      { path: 'groups/:groupId', component: ConversationView },
    ],
  },
  { path: '**', redirectTo: '' },
];
