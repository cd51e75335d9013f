/// A device that makes passkeys and signs with them, without anybody's finger: Chromium's virtual
/// authenticator (https://www.w3.org/TR/webauthn-3/#sctn-automation), reached by its debugging protocol.
import type { CDPSession, Page } from '@playwright/test';

/** A passkey as the device holds it, with its private key. */
export interface Held {
  credentialId: string;
  isResidentCredential: boolean;
  rpId?: string;
  privateKey: string;
  userHandle?: string;
  signCount: number;
}

export class Authenticator {
  private constructor(
    readonly session: CDPSession,
    readonly authenticatorId: string,
  ) {}

  /** Gives this page's device one that is built in, and whose owner lets it do what a page asks. */
  static async of(page: Page, hasUserVerification: boolean = true): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification,
        isUserVerified: hasUserVerification,
        automaticPresenceSimulation: true,
      },
    });
    return new Authenticator(session, authenticatorId);
  }

  /** Takes it out of the device. */
  async leave(): Promise<void> {
    await this.session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: this.authenticatorId });
  }

  /** Whether it knows by a finger or a face whose hand it is in. */
  async verifies(isUserVerified: boolean): Promise<void> {
    await this.session.send('WebAuthn.setUserVerified', { authenticatorId: this.authenticatorId, isUserVerified });
  }

  /** The passkeys that it holds. */
  async held(): Promise<Held[]> {
    const { authenticatorId } = this;
    const { credentials } = await this.session.send('WebAuthn.getCredentials', { authenticatorId });
    return credentials;
  }

  /** Puts a copy in the place of a passkey, as it was at an earlier time. */
  async restore(held: Held): Promise<void> {
    const { authenticatorId } = this;
    await this.session.send('WebAuthn.removeCredential', { authenticatorId, credentialId: held.credentialId });
    await this.session.send('WebAuthn.addCredential', { authenticatorId, credential: held });
  }
}
