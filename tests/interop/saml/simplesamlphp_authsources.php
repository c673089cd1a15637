<?php
$config = [
    'default-sp' => [
        'saml:SP',
        'entityID' => getenv('HERE') . '/sp',
        'idp' => getenv('IDP'),
        'privatekey' => 'service.key',
        'certificate' => 'service.crt',
        'sign.authnrequest' => true,
        'sign.logout' => true,
        'redirect.validate' => true,
        'WantAssertionsSigned' => true,
        'assertion.encryption' => true,
        'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
        'NameIDPolicy' => ['Format' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient', 'AllowCreate' => true],
    ],
];
